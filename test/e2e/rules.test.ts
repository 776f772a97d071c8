import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
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

const parsed = (name: string): unknown => parse(readFileSync(join(RULES, name), 'utf8'));
const Rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string() })) })) });
const alertsOf = (name: string): readonly string[] => Rules.parse(parsed(name)).groups.flatMap((group) => group.rules.map(({ alert }) => alert));
/** The names of alerts that shipped playbooks answer. */
const { playbooks } = await loadSite(NOTHING_OWN);
const answered = new Set(playbooks.flatMap(({ match }) => match.flatMap((text) => /^alertname =~? "(.+)"$/.exec(text)?.[1]?.split('|') ?? [])));
const Case = z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) });
const Tests = z.object({ tests: z.array(z.object({ alert_rule_test: z.array(Case) })) });

describe('the rules that we ship', () => {
  test('each have tests', () => {
    expect(rules.length).toBeGreaterThan(0);
    expect(tests.map((name) => name.replace('.test.yml', '.yml')).toSorted()).toEqual(rules.toSorted());
  });

  test.each(rules)('%s: each alert is shown firing, and not firing', (name) => {
    const names = alertsOf(name);
    const cases = Tests.parse(parsed(name.replace('.yml', '.test.yml'))).tests.flatMap((one) => one.alert_rule_test);
    const shown = (fires: boolean): readonly string[] =>
      names.filter((alert) => cases.some((one) => one.alertname === alert && one.exp_alerts.length > 0 === fires));
    expect(names.length).toBeGreaterThan(0);
    expect({ firing: shown(true), notFiring: shown(false) }).toEqual({ firing: names, notFiring: names });
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
    ['Watchdog', 'salvor'],
    ['SomethingElse', 'pager-of-last-resort'],
    ...[...answered].map((alert) => [alert, 'salvor']),
    // Who would answer an alert that Salvor is down?
    ...rules.flatMap((name) => alertsOf(name).map((alert) => [alert, name === 'salvor.yml' ? 'pager-of-last-resort' : 'salvor'])),
  ])('and sends %s to %s', async (alertname, receiver) => {
    const said = await run('amtool', 'config', 'routes', 'test', `--config.file=${join(ROOT, 'deploy', 'alertmanager.yml')}`, `alertname=${alertname}`);
    expect(said.split('\n')[0]).toBe(receiver);
  });
});
