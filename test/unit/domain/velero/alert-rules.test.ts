import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { matches, parseMatcher } from '../../../../src/domain/alertmanager/matcher.ts';
import { makeLabels } from '../../../../src/model/label.ts';
import { answerText } from './answers.ts';

const repository = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.string() }),
          annotations: z.object({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});
const rules = Rules.parse(parse(repository('deploy/rules/velero.yml'))).groups.flatMap((group) => group.rules);

/** What a Velero server had on its metrics page, and what exists only once there is something to count, or comes from kube-state-metrics. */
const EXISTING = new Set([
  ...answerText('metric-names.txt').split('\n'),
  'velero_repo_maintenance_success_total',
  'velero_repo_maintenance_failure_total',
  'kube_daemonset_status_number_unavailable',
  'kube_deployment_status_replicas_available',
]);

describe('the alert rules for Velero', () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks only for metrics that exist', (_, { expr }) => {
    const names = expr.match(/\b(?:velero|kube|podVolume)_\w+/g) ?? [];
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !EXISTING.has(name))).toEqual([]);
  });

  test('never use what looks useful and is not', () => {
    const all = rules.map(({ expr }) => expr).join('\n');
    expect(all).not.toContain('velero_backup_last_status');
    expect(all).not.toContain('phase=');
    expect(all).not.toMatch(/velero_backup_duration_seconds\s*[>{]/);
    expect(all).not.toContain('_timestamp_seconds');
  });

  test('have names of their own and a severity that routes know', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(new Set(rules.map(({ labels }) => labels.severity))).toEqual(new Set(['critical', 'warning']));
  });
});

describe('an alert about a failed backup', () => {
  const Playbook = z.object({ match: z.array(z.string()) });
  const answers = (playbook: string, labels: Record<string, string>): boolean =>
    Playbook.parse(parse(repository(`playbooks/${playbook}.yaml`))).match.every((text) => {
      const matcher = parseMatcher(text);
      return !('error' in matcher) && matches(matcher, makeLabels(Object.entries(labels)));
    });

  test.each([
    'BackupFailed',
    'VeleroBackupFailed',
    'VeleroBackupPartiallyFailed',
    'VeleroBackupFailure',
    'VeleroBackupFailures',
    'VeleroBackupPartialFailures',
    'VeleroUnsuccessfulBackup',
  ])('%s is answered with its schedule, and searched for without', (alertname) => {
    expect(answers('backup-failed', { alertname, schedule: 'daily' })).toBe(true);
    expect(answers('backup-failed', { alertname })).toBe(false);
    expect(answers('backup-failed-scan', { alertname })).toBe(true);
  });

  test('another alert is not', () => {
    expect(answers('backup-failed', { alertname: 'VeleroBackupTooOld', schedule: 'daily' })).toBe(false);
    expect(answers('backup-failed-scan', { alertname: 'MyBackupFailedBadly' })).toBe(false);
  });
});

test('Alertmanager sends groups whole, resolved ones too, with a token from a file', () => {
  const Config = z.object({ receivers: z.array(z.object({ name: z.string(), webhook_configs: z.array(z.looseObject({})).optional() })) });
  const config = Config.parse(parse(repository('deploy/alertmanager.yml')));
  expect(config.receivers.find(({ name }) => name === 'salvor')?.webhook_configs).toEqual([
    {
      url: 'http://salvor.salvor.svc:8080/api/v1/alertmanager',
      send_resolved: true,
      max_alerts: 500,
      http_config: { follow_redirects: false, authorization: { type: 'Bearer', credentials_file: '/etc/alertmanager/secrets/salvor/token' } },
    },
  ]);
});
