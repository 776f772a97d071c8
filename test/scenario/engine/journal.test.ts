import { expect, test } from 'vitest';
import { ENTRY_LIMIT_BYTES, findBreak, JOURNAL_LIMIT } from '../../../src/model/entry.ts';
import { blobId } from '../../../src/model/identity.ts';
import { stage } from './stage.ts';

const ONE = 'diagnose: [{ id: look, action: test.look }]\nstages: [{ id: do, steps: [{ id: one, action: test.write }] }]';

test('evidence that is too long for the journal goes into a blob by its digest, and the journal keeps its beginning', async () => {
  const { start, set, journal, line, store } = await stage({ playbook: ONE });
  set('finding', { long: 'yes' });
  const id = await start();
  const data = await line(id, 'run.diagnosed');
  expect(data['beginning']).toMatch(/^\{"finding":"act"/);
  const blob = await store().get('prod', blobId(typeof data['blob'] === 'string' ? data['blob'] : ''));
  expect(JSON.stringify(blob?.value)).toContain('x'.repeat(20_000));
  const entries = await journal(id);
  expect(findBreak(id, entries)).toBeUndefined();
  for (const entry of entries) expect(Buffer.byteLength(JSON.stringify(entry.data))).toBeLessThanOrEqual(ENTRY_LIMIT_BYTES);
});

test('a journal that no person could read any more holds the run and pages once; it can be cancelled, and its undo still appends', async () => {
  const { start, approve, tell, cancel, clock, state, hold, run, pages, lines, sim } = await stage({
    playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }, { id: back, await: { action: test.ready, within: 24h } }]',
  });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  for (let at = 0; (await run(id)).chain.n < JOURNAL_LIMIT; at += 1) await tell(id, { kind: 'joined', episode: `episode/${at}` });
  await clock.pass(600_000);
  expect(await hold(id)).toMatch(/^journal: The journal has 2000 entries/);
  expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
  expect(await pages()).toHaveLength(1);
  await cancel(id);
  expect(await state(id)).toBe('cancelled');
  expect(sim().writes()).toHaveLength(2);
});

test('a day in trouble, holds and mail reads as few lines', async () => {
  const { start, approve, clock, pause, resume, sim, lines } = await stage({ playbook: ONE });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  const other = await start('other');
  await pause();
  await approve(other);
  await clock.pass(10 * 60_000);
  await resume();
  sim().faults.add({ give: 'unavailable', lasts: '10m' });
  await clock.pass(30 * 60_000);
  expect((await lines(other)).length).toBeLessThan(20);
});
