import { execFile } from 'node:child_process';
import { closeSync, copyFileSync, openSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { DAILY, openSite, refusedHere, type Site, serveApart, startServe, untilRun } from '../../contract/serve/site.ts';
import { ROOT } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const folderOf = ({ stage }: Site): string => join(stage.folder, 'data');
const fileOf = (site: Site): string => join(folderOf(site), 'salvor.db');

/** `salvor …`, as a person at the machine types it. */
async function salvor(site: Site, ...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  const run = promisify(execFile)(process.execPath, [join(ROOT, 'src', 'main.ts'), ...args, '--config', site.file]);
  const { stdout, stderr } = await run.catch((error: unknown) => {
    if (error instanceof Error && 'stdout' in error && 'stderr' in error) return { stdout: String(error.stdout), stderr: String(error.stderr) };
    throw error;
  });
  return { code: run.child.exitCode ?? 0, said: stdout + stderr };
}

/** A site whose run waits for its approval, and whose Salvor was killed. */
async function killedWhileProposed() {
  const site = await openSite();
  const serving = await serveApart(site);
  await serving.alert(DAILY);
  const run = await untilRun(serving, 'proposed');
  const copy = join(site.stage.makeFolder('backups'), 'salvor.db');
  expect(await serving.post('/api/v1/store/backup', { file: copy }, 'dora')).toMatchObject({ status: 200 });
  serving.program.signal('SIGKILL');
  await serving.program.ended;
  return { site, run, copy };
}

/** Writes over some bytes of a file. */
function spoil(file: string, at: number, bytes: Uint8Array): void {
  const opened = openSync(file, 'r+');
  writeSync(opened, bytes, 0, bytes.length, at);
  closeSync(opened);
}

test('a damaged file is refused in words that say what to do, and the backup in its place has the run that waited', { timeout: 180_000 }, async () => {
  const { site, run, copy } = await killedWhileProposed();
  const file = fileOf(site);
  // A log beside it that holds the page would mend it.
  copyFileSync(copy, file);
  rmSync(`${file}-wal`, { force: true });
  spoil(file, 0, Buffer.alloc(100, 0x41));

  const started = await refusedHere(site.file);
  expect(started.code).toBe(2);
  expect(started.said).toMatch(/^Not started: .*salvor\.db is damaged/);
  expect(started.said).toContain('move the file and its -wal aside, and put the latest backup in its place');
  expect(started.said).not.toMatch(/\bat .*\.ts:\d+/);
  const checked = await salvor(site, 'store', 'check');
  expect(checked.code).not.toBe(0);
  expect(checked.said).toContain('is damaged');

  // What it says, done.
  for (const name of ['salvor.db', 'salvor.db-wal']) rmSync(join(folderOf(site), name), { force: true });
  copyFileSync(copy, file);
  expect(await salvor(site, 'store', 'check')).toEqual({ code: 0, said: expect.stringContaining('ok: the store is sound') });
  const again = await serveApart(site);
  expect(await untilRun(again, 'proposed')).toMatchObject({ id: run.id, digest: run.digest });
  expect([200, 202]).toContain((await again.post(`/api/v1/runs/${run.id}/approve`, { plan: run.digest })).status);
  await untilRun(again, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
});

test('pages that were damaged in the middle are found by the check, which names what to do', { timeout: 120_000 }, async () => {
  const { site, copy } = await killedWhileProposed();
  copyFileSync(copy, fileOf(site));
  rmSync(`${fileOf(site)}-wal`, { force: true });
  const pages = Math.floor(statSync(fileOf(site)).size / 4096);
  for (let page = 3; page < pages; page += 2) spoil(fileOf(site), page * 4096, Buffer.alloc(64, 0xff));
  const { code, said } = await salvor(site, 'store', 'check');
  expect(code).not.toBe(0);
  expect(said).toMatch(/damaged/);
  expect(said).toMatch(/backup/);
});

test('a log that was cut in the middle of its last page loses nothing that was moved or whole', { timeout: 120_000 }, async () => {
  const { site, run } = await killedWhileProposed();
  const log = `${fileOf(site)}-wal`;
  // Half a frame more, as a crash of the machine leaves it behind.
  writeFileSync(log, Buffer.concat([readFileSync(log), Buffer.alloc(2000, 0x5a)]));
  const again = await serveApart(site);
  expect(await untilRun(again, 'proposed')).toMatchObject({ id: run.id, digest: run.digest });
  expect((await again.get('/api/v1/audit')).json).toMatchObject({ ok: true });
  expect((await again.get('/api/v1/store/check')).json).toMatchObject({ ok: true });
});

test('a file of half its size is refused, or is found by the check', { timeout: 120_000 }, async () => {
  const { site, copy } = await killedWhileProposed();
  copyFileSync(copy, fileOf(site));
  rmSync(`${fileOf(site)}-wal`, { force: true });
  truncateSync(fileOf(site), Math.floor(statSync(copy).size / 8192) * 4096);
  const { code, said } = await salvor(site, 'store', 'check');
  expect(code).not.toBe(0);
  expect(said).toMatch(/damaged[\s\S]*backup/);
});

test('a store that a newer Salvor wrote is refused, and says which versions and what to do', { timeout: 120_000 }, async () => {
  const { site } = await killedWhileProposed();
  const database = new DatabaseSync(fileOf(site));
  database.exec(`UPDATE meta SET value = '99' WHERE key = 'schema'`);
  database.close();
  const { code, said } = await refusedHere(site.file);
  expect(code).toBe(2);
  expect(said).toMatch(
    /^Not started: The store was written by a newer Salvor \(schema 99; this one knows \d+\)\. Start that version again, or restore a backup/,
  );
});

test('one that is frozen longer than its lease keeps its store, and goes on where it was when it wakes', { timeout: 180_000 }, async () => {
  const site = await openSite();
  const serving = await serveApart(site);
  await serving.alert(DAILY);
  const run = await untilRun(serving, 'proposed');
  site.cluster.world.apply({ faults: [{ give: 'slow', verb: 'create', kind: 'Backup', times: 1, delay: '3s' }] });
  await serving.post(`/api/v1/runs/${run.id}/approve`, { plan: run.digest });
  await until('it is about to write', async () => JSON.stringify((await serving.get(`/api/v1/runs/${run.id}`)).json['journal']).includes('write.intent'));

  serving.program.signal('SIGSTOP');
  const second = startServe(site, site.file);
  expect(await second.ended).toEqual({ code: 2, signal: null });
  expect(second.log()).toMatch(/Not started: Another Salvor has this store open/);
  // Longer than its lease of six seconds, and than the answer took.
  await until('its lease is over', () => frozenFor(9000)(), { withinMs: 20_000 });
  serving.program.signal('SIGCONT');
  await untilRun(serving, 'done');
  expect(site.cluster.retries()).toHaveLength(1);
  expect((await serving.get('/api/v1/audit')).json).toMatchObject({ ok: true });
});

/** True once so much real time is over: a frozen program can tell nobody. */
function frozenFor(ms: number): () => boolean {
  began ??= performance.now();
  return () => performance.now() - (began ?? 0) > ms;
}
let began: number | undefined;
