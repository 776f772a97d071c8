import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { DAILY, openSite, serveHere, untilRun } from './site.ts';

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ alert: z.string(), expr: z.string(), labels: z.object({ severity: z.string() }), annotations: z.record(z.string(), z.string()) }),
      ),
    }),
  ),
});

const operating = readFileSync(join(ROOT, 'docs', 'operating.md'), 'utf8');
const rules = Rules.parse(parse(readFileSync(join(ROOT, 'deploy', 'rules', 'salvor.yml'), 'utf8'))).groups.flatMap((group) => group.rules);
/** `salvor_runs{state,held}` of the page's table. */
const documented = [...operating.matchAll(/^\| `(salvor_\w+)(?:\{([\w,]*)\})?` \|/gm)].map(([, name = '', labels = '']) => ({ name, labels: namesIn(labels) }));

function namesIn(text: string): readonly string[] {
  return text.split(',').filter((name) => name !== '');
}

const byName = (a: string, b: string): number => (a < b ? -1 : 1);

test('what the server shows is what the page says, and counts what really happened', { timeout: 60_000 }, async () => {
  const site = await openSite();
  const serving = await serveHere(site);
  const shown = async (): Promise<string> => (await serving.operations('/metrics')).body;

  await serving.alert(DAILY);
  await serving.alert({ alertname: 'Watchdog', severity: 'none' });
  expect((await serving.alert(DAILY, { token: 'somebody-else' })).status).toBe(401);
  await serving.alert({ ...DAILY, cluster: 'not-theirs' });
  const { id, plan } = await untilRun(serving, 'proposed').then(async (run) => ({ id: run.id, plan: await digestOf(run.id) }));
  expect(await shown()).toContain('\nsalvor_runs{state="proposed",held="false"} 1\n');
  expect((await serving.post(`/api/v1/runs/${id}/approve`, { plan })).status).toBe(200);
  await untilRun(serving, 'done');
  expect(await shown()).not.toContain('salvor_store_backup_age_seconds');
  expect((await serving.post('/api/v1/store/backup', { file: join(site.stage.makeFolder('copies'), 'copy.db') }, 'dora')).status).toBe(200);

  const text = await until('the durations of the run are counted', async () => {
    const now = await shown();
    return now.includes('salvor_run_duration_seconds_count{') ? now : undefined;
  });
  for (const line of [
    'salvor_alerts_total{outcome="accepted"} 3',
    'salvor_alerts_total{outcome="handled"} 2',
    'salvor_alerts_total{outcome="quarantined"} 1',
    'salvor_webhooks_total{outcome="accepted"} 3',
    'salvor_webhooks_total{outcome="unauthorized"} 1',
    'salvor_inbox_pending 0',
    'salvor_runs{state="proposed",held="false"} 0',
    'salvor_approvals_total{outcome="granted"} 1',
    'salvor_steps_total{action="backup.create",outcome="done"} 1',
    'salvor_run_duration_seconds_count{playbook="backup-failed",phase="prove"} 1',
    'salvor_store_up 1',
    'salvor_store_risks 0',
    'salvor_fenced_total 0',
  ])
    expect(text).toContain(`\n${line}\n`);
  expect(text).toMatch(/^salvor_watchdog_age_seconds\{cluster="prod"\} [0-9.]+$/m);
  expect(text).toMatch(/^salvor_store_backup_age_seconds [0-9.]+$/m);

  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  expect(names.toSorted(byName)).toEqual(documented.map(({ name }) => name).toSorted(byName));
  for (const { name, labels } of documented) {
    const series = [...text.matchAll(new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'gm'))].map(([, pairs = '']) =>
      [...pairs.matchAll(/(\w+)="/g)].map(([, label = '']) => label),
    );
    // What never happened here has no series yet.
    for (const one of series) expect({ name, labels: one }).toEqual({ name, labels });
  }

  async function digestOf(run: string): Promise<string> {
    const { json } = await serving.get(`/api/v1/runs/${run}`);
    return z.object({ plan: z.object({ digest: z.string() }) }).parse(json).plan.digest;
  }
});

test('the rules ask for what is shown, by labels that it has', () => {
  const used = rules.flatMap(({ expr }) => [...expr.matchAll(/(salvor_\w+)(?:\{([^}]*)\})?/g)].map(([, name = '', matchers = '']) => ({ name, matchers })));
  expect(used.length).toBeGreaterThan(rules.length / 2);
  const unknown = used.filter(({ name, matchers }) => {
    const base = documented.find((one) => one.name === name.replace(/_(bucket|count|sum)$/, ''));
    return base === undefined || [...matchers.matchAll(/(\w+)[=!]/g)].some(([, label = '']) => !base.labels.includes(label));
  });
  expect(unknown).toEqual([]);
});

test('each rule says what it means, what to do first, and has its heading on the page', () => {
  const headings = [...operating.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
  expect(headings).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, annotations, labels } of rules) {
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'first', 'runbook']);
    expect(annotations['runbook']).toBe(`docs/operating.md#${alert.toLowerCase()}`);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(operating).toContain(`### ${alert}\n\n${labels.severity === 'critical' ? 'Critical' : 'Warning'}`);
  }
});

test('every link within the page leads somewhere', () => {
  const anchors = [...operating.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  const named = globSync('docs/*.md', { cwd: ROOT }).flatMap((page) => [
    ...readFileSync(join(ROOT, page), 'utf8').matchAll(page === 'docs/operating.md' ? /\]\(#([\w-]+)\)/g : /operating\.md#([\w-]+)/g),
  ]);
  expect(named.length).toBeGreaterThan(3);
  expect(named.map(([, anchor = '']) => anchor).filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});
