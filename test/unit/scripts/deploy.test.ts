import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { deployFiles } from '../../../scripts/deploy/files.ts';
import { ChartValues } from '../../../scripts/deploy/values.ts';
import { root } from '../../../scripts/package-file.ts';
import { loadSite, NOTHING_OWN, parseConfig } from '../../../src/config.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('what is made of the code is as the code is: node scripts/generate-docs.ts makes it again', async () => {
  const site = await loadSite(NOTHING_OWN);
  if (!site.ok) throw new Error('the shipped site has problems');
  const files = deployFiles(site);
  expect(files.size).toBeGreaterThan(5);
  expect([...files].filter(([path, text]) => read(path) !== text).map(([path]) => path)).toEqual([]);
  // A rule that is no more is no more in the chart either.
  expect(globSync('deploy/chart/files/**/*.{yml,yaml,json}', { cwd: root }).filter((path) => !files.has(path))).toEqual([]);
});

test('the values of the chart are what its schema asks for, with every value there is', () => {
  const values: unknown = parse(read('deploy/chart/values.yaml'));
  const known = z.record(z.string(), z.unknown()).parse(values);
  ChartValues.parse(values);
  expect(Object.keys(known).toSorted()).toEqual(
    Object.keys(ChartValues.shape)
      .filter((name) => name !== 'global')
      .toSorted(),
  );
  const config = parseConfig(JSON.stringify(known['config']), { file: 'salvor.yaml' });
  expect(config.ok).toBe(true);
});

test('every panel of the dashboard asks for metrics and labels that the page names', () => {
  const documented = new Map(
    [...read('docs/operating.md').matchAll(/^\| `(salvor_\w+)(?:\{([\w,]*)\})?` \|/gm)].map(([, name = '', labels = '']) => [name, labels.split(',')]),
  );
  const board = z
    .object({ panels: z.array(z.object({ title: z.string(), type: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })) })
    .parse(JSON.parse(read('deploy/chart/files/dashboard.json')));
  const asked = new Set<string>();
  for (const { title, type, targets } of board.panels) {
    expect({ title, targets: targets.length > 0 }).toEqual({ title, targets: type !== 'row' });
    for (const { expr } of targets) {
      const names = [...expr.matchAll(/salvor_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
      expect(names.length).toBeGreaterThan(0);
      const labels = names.flatMap((name) => documented.get(name) ?? [`${name} does not exist`]);
      const used = [...expr.matchAll(/(?:by \(([\w, ]*)\)|(\w+)[=!]~?")/g)].flatMap(([, by, label]) => (by ?? label ?? '').split(', '));
      expect({ title, unknown: used.filter((label) => !['namespace', 'le', '', ...labels].includes(label)) }).toEqual({ title, unknown: [] });
      for (const name of names) asked.add(name);
    }
  }
  // Whatever is counted is somewhere to be seen.
  expect([...documented.keys()].filter((name) => !asked.has(name))).toEqual([]);
});

/** Names of metrics that Velero, VolSync, kube-state-metrics, the kubelet, MinIO and Ceph have, as their sources say. */
const FOREIGN = new RegExp(
  [
    'velero_backup_(total|last_successful_timestamp|location_status_gauge)',
    'velero_backup_(attempt|success|partial_failure|failure|validation_failure|warning)_total',
    'velero_backup_duration_seconds_(bucket|count|sum)',
    'velero_restore_(attempt|success|partial_failure|failed|validation_failed)_total',
    'velero_repo_maintenance_(success|failure)_total',
    'volsync_(missed_intervals_total|volume_out_of_sync|sync_duration_seconds)',
    'kube_(daemonset_status_number_unavailable|deployment_status_replicas_available|job_status_failed)',
    'kube_node_(status_condition|spec_unschedulable|spec_taint)',
    'kubelet_volume_stats_(available|capacity)_bytes',
    'minio_cluster_(health_)?capacity_usable_(free|total)_bytes',
    'minio_bucket_(usage|quota)_total_bytes',
    'ceph_cluster_total(_used)?_bytes',
  ]
    .map((name) => `^${name}$`)
    .join('|'),
);

test('the rules name only metrics that exist: promtool takes any name, and such a rule would never fire', () => {
  const rules = z.object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })) });
  const files = globSync('deploy/rules/*.yml', { cwd: root }).filter((path) => !path.endsWith('.test.yml') && !path.endsWith('salvor.yml'));
  expect(files.length).toBeGreaterThan(3);
  const exprs = files.flatMap((path) => rules.parse(parse(read(path))).groups.flatMap((group) => group.rules));
  const strange = exprs.flatMap(({ alert, expr }) =>
    [...expr.replaceAll(/\{[^}]*\}/g, '').matchAll(/[a-z]+(?:_[a-z]+){2,}/g)].filter(([name]) => !FOREIGN.test(name)).map(([name]) => `${alert}: ${name}`),
  );
  expect(strange).toEqual([]);
});
