import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { RUN_VERSION } from '../../../src/model/run.ts';
import { migrations } from '../../../src/store/schema.ts';
import { scratchFolder } from '../../contract/store/drivers.ts';
import { until } from '../../e2e/stage/until.ts';
import { ANA, openGround, SCHEDULES } from './ground.ts';

const stores = globSync(join(import.meta.dirname, '..', '..', 'fixtures', 'store', '*.db.gz')).toSorted();

test('there is a store of the format of today: `node scripts/golden-store.ts` writes it', () => {
  expect(stores.map((file) => basename(file))).toContain(`schema-${migrations.length}-run-${RUN_VERSION}.db.gz`);
});

test.each(stores.map((file) => [basename(file), file]))(
  '%s: what an earlier version left in the middle of its work, this one goes on with, and loses nothing',
  async (_, file) => {
    const path = scratchFolder();
    writeFileSync(join(path, 'salvor.db'), gunzipSync(readFileSync(file)));
    const { app, world, store, close } = await openGround({ path, laterMs: 60_000 });
    const [asked, cutShort, notRead] = SCHEDULES;
    const runOf = async (schedule: string) => {
      const { items } = await app.commands.runs(ANA, { target: schedule });
      expect(items.length, schedule).toBeLessThanOrEqual(1);
      return items[0];
    };
    const untilState = (schedule: string, state: string) =>
      until(`${schedule} is ${state}`, async () => {
        const run = await runOf(schedule);
        return run?.state === state ? run : undefined;
      });

    // Its write was cut short: nothing is in the cluster, and it is made now, under the name of the plan that was approved.
    const done = await untilState(cutShort, 'done');
    // What waited for people still does; the press counts.
    const { id, digest = '' } = await untilState(asked, 'proposed');
    await app.commands.approve(ANA, id, { plan: digest });
    await untilState(asked, 'done');
    // The webhook that nobody had read is answered.
    await untilState(notRead, 'proposed');

    const writes = world.writes();
    expect(writes).toHaveLength(2);
    expect(new Set(writes).size).toBe(2);
    const { plan } = await app.commands.run(ANA, done.id);
    expect(writes).toContain(`create ${plan?.steps[0]?.changes[0]?.object}`);
    expect(await app.commands.ledger(ANA)).toEqual({ accepted: 3, handled: 3, pending: 0, quarantined: 0 });
    expect(await app.commands.auditVerify(ANA)).toMatchObject({ ok: true, problems: [] });
    expect(await store.check()).toEqual({ ok: true, problems: [] });
    await close();
  },
  60_000,
);
