import { SalvorError } from '../model/error.ts';
import { blobId } from '../model/identity.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Run } from '../model/run.ts';
import { playbookFromText } from '../playbook/revive.ts';
import type { Engine } from './engine.ts';

/** The exact text that the run started with. A text that no longer parses, or is gone, holds the run: an upgrade may have outdated it. */
export async function textOf({ known, store }: Pick<Engine, 'known' | 'store'>, run: Run): Promise<Playbook> {
  const loaded = known?.(run.playbook, run.playbookDigest);
  if (loaded !== undefined) return loaded;
  const record = await store.get(run.cluster, blobId(run.playbookDigest));
  const text = record?.value;
  if (typeof text !== 'string')
    throw new SalvorError('playbook.unknown', `the text of ${run.playbook} (${run.playbookDigest.slice(0, 8)}) is not in the store`, { retry: 'later' });
  return playbookFromText(run.playbook, text, run.playbookDigest);
}
