import type { Entry } from '../model/entry.ts';
import { blobId } from '../model/identity.ts';
import type { Incident } from '../model/incident.ts';
import type { Playbook } from '../model/playbook.ts';
import type { Run } from '../model/run.ts';
import { parsePlaybook } from '../playbook/parse.ts';
import type { Store, StoredRecord } from '../port/store.ts';
import { type CommandDeps, playbooksOf } from './deps.ts';

const PAGE = 200;

/** The incident in a record: only its one writer puts records of this kind, and it puts this type. */
export function incidentOf(record: StoredRecord): Incident {
  return record.value as unknown as Incident;
}

/** A whole journal behind an entry. */
export async function readJournal(store: Store, of: { readonly partition: string; readonly of: string; readonly afterN?: number }): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  let afterN = of.afterN ?? 0;
  for (;;) {
    const page = await store.entries({ partition: of.partition, of: of.of, afterN, limit: PAGE });
    found.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return found;
    afterN = last.n;
  }
}

/** The exact playbook that a run started with: as loaded now where that is still the same text, else from the run's own copy. */
export async function playbookOf(deps: Pick<CommandDeps, 'store' | 'intake'>, run: Run): Promise<Playbook | undefined> {
  const loaded = playbooksOf(deps).find((one) => one.id === run.playbook && one.digest === run.playbookDigest);
  if (loaded !== undefined) return loaded;
  const record = await deps.store.get(run.cluster, blobId(run.playbookDigest));
  if (typeof record?.value !== 'string') return undefined;
  const parsed = parsePlaybook({ id: run.playbook, text: record.value, file: run.playbook });
  return parsed.ok ? parsed.playbook : undefined;
}
