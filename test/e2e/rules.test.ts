import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeWithPrograms } from './stage/debian.ts';
import { rewrite } from './stage/rewrite.ts';
import { openStage, ROOT } from './stage/stage.ts';

const RULES = join(ROOT, 'deploy', 'rules');
const files = globSync('*.yml', { cwd: RULES });
const tests = files.filter((name) => name.endsWith('.test.yml'));
const rules = files.filter((name) => !name.endsWith('.test.yml'));

const run = async (command: string, ...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(command, [...args], { timeout: 60_000 });
  return stdout + stderr;
};

describe('the rules that we ship', () => {
  test('each have tests', () => {
    expect(rules.length).toBeGreaterThan(0);
    expect(tests.map((name) => name.replace('.test.yml', '.yml')).toSorted()).toEqual(rules.toSorted());
  });
});

describeWithPrograms('Prometheus and Alertmanager take what we ship', () => {
  test.each(rules)('promtool checks %s', async (name) => {
    expect(await run('promtool', 'check', 'rules', join(RULES, name))).toMatch(/SUCCESS: \d+ rules found/);
  });

  test.each(tests)('promtool tests by %s', async (name) => {
    expect(await run('promtool', 'test', 'rules', join(RULES, name))).toContain('SUCCESS');
  });

  test('and the tests of the rules find a rule that is broken', async () => {
    const stage = openStage();
    for (const name of tests) writeFileSync(join(stage.folder, name), readFileSync(join(RULES, name)));
    const broken = rewrite(readFileSync(join(RULES, 'velero.yml'), 'utf8'), [
      ['increase(velero_backup_failure_total[1h]) > 0', 'increase(velero_backup_failure_total[1h]) > 1'],
    ]);
    writeFileSync(join(stage.folder, 'velero.yml'), broken);
    await expect(run('promtool', 'test', 'rules', join(stage.folder, 'velero.test.yml'))).rejects.toThrow(/FAILED/);
  });

  test('amtool checks the receiver', async () => {
    const said = await run('amtool', 'check-config', join(ROOT, 'deploy', 'alertmanager.yml'));
    expect(said).toContain(basename('deploy/alertmanager.yml'));
    expect(said).toContain('SUCCESS');
  });

  test.each([
    ['VeleroBackupFailed', 'salvor'],
    ['Watchdog', 'salvor'],
    ['SomethingElse', 'pager-of-last-resort'],
  ])('and sends %s to %s', async (alertname, receiver) => {
    const said = await run('amtool', 'config', 'routes', 'test', `--config.file=${join(ROOT, 'deploy', 'alertmanager.yml')}`, `alertname=${alertname}`);
    expect(said.split('\n')[0]).toBe(receiver);
  });
});
