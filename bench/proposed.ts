import { RunPage } from '../src/port/view/run.ts';
import type { Salvor } from './salvor.ts';

export type Proposal = { readonly id: string; readonly digest: string };

/** Every run that waits for an approval, with the digest of its plan. */
export async function proposed(salvor: Pick<Salvor, 'ask'>): Promise<readonly Proposal[]> {
  const found: Proposal[] = [];
  let cursor: string | undefined;
  do {
    const page = await salvor.ask(`/api/v1/runs?state=proposed&limit=200${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, RunPage);
    found.push(...page.items.map(({ id, digest = '' }) => ({ id, digest })));
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}
