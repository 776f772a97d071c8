// Writes test/fixtures/store/schema-N.db.gz: a store of today's version in the middle of its work, which every later version has to go on with.
// Made once for each format of the store or of its records; a file that is there stays as it is.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { RUN_VERSION } from '../src/model/run.ts';
import { alertBody } from '../src/rehearse/alert-body.ts';
import { migrations } from '../src/store/schema.ts';
import { ANA, openGround, SCHEDULES } from '../test/crash/golden/ground.ts';
import { until } from '../test/e2e/stage/until.ts';

const target = join(import.meta.dirname, '..', 'test', 'fixtures', 'store', `schema-${migrations.length}-run-${RUN_VERSION}.db.gz`);
if (existsSync(target)) {
  console.log(`${target} is there: what a version wrote is not written again`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'salvor-golden-'));
const { app, store, world, clock, close } = await openGround({ path: folder, laterMs: 0 });

const accept = async (schedule: string): Promise<unknown> => {
  const nowMs = clock.nowMs();
  const body = alertBody({ labels: { alertname: 'VeleroBackupFailed', schedule, severity: 'critical' }, status: 'firing', startsAtMs: nowMs, nowMs });
  return store.accept({ sender: 'golden', clusters: ['prod'], receivedMs: nowMs, alerts: 1, body });
};
const runOf = async (schedule: string) => {
  const { items } = await app.commands.runs(ANA, { target: schedule });
  return items[0];
};
const [asked, cutShort, notRead] = SCHEDULES;
for (const schedule of [asked, cutShort]) {
  await accept(schedule);
  await until(`${schedule} is proposed`, async () => (await runOf(schedule))?.state === 'proposed');
}
// The request for the backup is on its way, and nobody hears its answer: the intent is stored, and nothing is in the cluster.
world.apply({ faults: [{ give: 'hang', verb: 'create', kind: 'Backup', times: 1 }] });
const run = await runOf(cutShort);
void app.commands.approve(ANA, run?.id ?? '', { plan: run?.digest ?? '' });
await until('the intent is stored', async () => JSON.stringify((await app.commands.run(ANA, run?.id ?? '')).journal).includes('write.intent'));
const copyFolder = mkdtempSync(join(tmpdir(), 'salvor-golden-copy-'));
await accept(notRead);
await store.backup(join(copyFolder, 'salvor.db'));
writeFileSync(target, gzipSync(readFileSync(join(copyFolder, 'salvor.db')), { level: 9 }));
await close();
for (const made of [folder, copyFolder]) rmSync(made, { recursive: true, force: true });
console.log(`${target} is written`);
process.exit(0);
