import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Report } from '../../bench/report.ts';
import { openStage, ROOT } from './stage/stage.ts';

/** Nothing is asserted about time: it says that the program works, and that nothing is lost or done twice while it does. */
test('npm run bench --quick measures every work once, loses nothing, and writes what it saw', { timeout: 900_000 }, () => {
  const stage = openStage();
  const file = join(stage.folder, 'bench.json');
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bench', 'run.ts'), '--rounds', '1', '--quick', '--json', file], {
    encoding: 'utf8',
    timeout: 880_000,
  });
  const report = Report.parse(JSON.parse(readFileSync(file, 'utf8')));
  expect(report.works.flatMap(({ name, failed }) => (failed === undefined ? [] : [`${name}: ${failed}`]))).toEqual([]);
  const promises = report.works.flatMap(({ name, rows }) => rows.filter(({ isPromise }) => isPromise).map((row) => ({ name, ...row })));
  expect(promises.length).toBeGreaterThan(10);
  expect(promises.filter(({ verdict }) => verdict !== 'met')).toEqual([]);
  for (const { name, rows, skipped } of report.works) expect(rows.length > 0 || skipped !== undefined, name).toBe(true);
  for (const { name } of report.works) expect(stdout).toContain(`## ${name}`);
  expect(status, `${stdout.slice(-3000)}\n${stderr.slice(-3000)}`).toBe(0);
});

test('npm run bench refuses a name that it does not know, and says which there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bench', 'run.ts'), 'nothing'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('No work is called nothing; there are ack, webhooks, ');
});
