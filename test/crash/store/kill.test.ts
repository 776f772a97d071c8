import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { INBOX, LEDGER, type Store } from '../../../src/port/store.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { closeAll, closeLater, scratchFolder, webhook } from '../../contract/store/drivers.ts';
import { acknowledged, type Started, start, WRITER } from './started.ts';

const started: Started[] = [];

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  await closeAll();
});

function writer(path: string): Started {
  const one = start(process.execPath, [WRITER, path]);
  started.push(one);
  return one;
}

const open = async (path: string): Promise<Store> => closeLater(await openEmbedded({ path, clock: systemClock, log: silentLog }));

async function everyId(store: Store): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await store.list({ kind: 'inbox', limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { id } of page.records) ids.add(id);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return ids;
}

test('killed ten times in the middle of writing, it has everything that it acknowledged, and its books are exact', { timeout: 60_000 }, async () => {
  const path = scratchFolder();
  const accepted: string[] = [];
  let lastStep = 0;
  for (let round = 1; round <= 10; round += 1) {
    const { child, lines, until, ended } = writer(path);
    await until((line) => line === 'opened');
    const goal = 20 + round * 37;
    await until(() => lines.length > goal && acknowledged(lines).lastStep > lastStep);
    child.kill('SIGKILL');
    await ended;
    const told = acknowledged(lines);
    accepted.push(...told.ids);
    lastStep = told.lastStep;
  }
  expect(accepted.length).toBeGreaterThan(500);
  expect(new Set(accepted).size).toBe(accepted.length);

  const store = await open(path);
  const ids = await everyId(store);
  expect(accepted.filter((id) => !ids.has(id))).toEqual([]);
  expect(await store.counts(INBOX, [LEDGER.accepted, LEDGER.pending, LEDGER.handled])).toEqual([3 * ids.size, 3 * ids.size, 0]);
  expect(await store.check()).toEqual({ ok: true, problems: [] });

  const run = await store.get('prod', 'prod/run');
  expect(run?.seq).toBeGreaterThanOrEqual(lastStep);
  expect(run?.value).toEqual({ n: run?.seq });
  const entries = await store.entries({ partition: 'prod', of: 'prod/run' });
  expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: run?.seq ?? 0 }, (_, n) => n + 1));
  expect(await store.counts('prod', ['steps'])).toEqual([run?.seq]);
});

test('while one process has the store, another is refused; killed, it leaves the store free', { timeout: 60_000 }, async () => {
  const path = scratchFolder();
  const first = writer(path);
  await first.until((line) => line === 'opened');
  const second = writer(path);
  await second.ended;
  expect(second.lines).toEqual(['failed store.locked']);
  await expect(open(path)).rejects.toMatchObject({ code: 'store.locked', message: expect.stringContaining('Another Salvor has this store open') });
  expect(first.child.exitCode).toBeNull();

  first.child.kill('SIGKILL');
  await first.ended;
  const store = await open(path);
  await store.accept(webhook());
});
