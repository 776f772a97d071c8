import type { ListQuery, Store, StoredRecord } from './store.ts';

const PAGE = 500;

/** Every record of a list, page by page, at most so many. */
export async function listAll(
  store: Pick<Store, 'list'>,
  query: Omit<ListQuery, 'limit' | 'cursor'>,
  most: number = 100_000,
): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list({ ...query, limit: Math.min(PAGE, most - found.length), ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.records);
    ({ cursor } = page);
  } while (cursor !== undefined && found.length < most);
  return found;
}
