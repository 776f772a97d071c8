import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readWebhook } from '../../../src/ingest/alertmanager.ts';
import { label } from '../../../src/model/label.ts';
import { processorMs } from '../../processor-time.ts';
import { bodyAlert, fixture, fixtures, NOW_MS, sampleBody, sampleWebhook } from './samples.ts';

const Manifest = z.array(z.object({ file: z.string(), alerts: z.number(), firing: z.number(), resolved: z.number(), truncatedAlerts: z.number() }));
const bodies = Manifest.parse(JSON.parse(readFileSync(join(fixtures, 'manifest.json'), 'utf8')));
const clusterOf = (text: string): string => /"cluster":"([^"]+)"/.exec(text)?.[1] ?? 'none';

describe('every body that a real Alertmanager sent', () => {
  test('is in the table', () => {
    const onDisk = globSync('v*/**/*.json', { cwd: fixtures }).filter((path) => !path.endsWith('request-headers.json'));
    expect(bodies.map(({ file }) => file).sort()).toEqual(onDisk.sort());
  });

  test.each(bodies)('$file', ({ file, alerts, firing, resolved, truncatedAlerts }) => {
    const body = fixture(file);
    const cluster = clusterOf(body);
    const read = readWebhook(sampleWebhook(body), { clusters: [cluster] });
    expect(read.quarantined).toEqual([]);
    expect(read.alerts).toHaveLength(alerts);
    expect(read.alerts.filter(({ status }) => status === 'firing')).toHaveLength(firing);
    expect(read.alerts.filter(({ status }) => status === 'resolved')).toHaveLength(resolved);
    expect(read.truncated).toBe(truncatedAlerts);
    for (const alert of read.alerts) {
      expect(alert.cluster).toBe(cluster);
      expect(alert.labelsDigest).toMatch(/^[0-9a-f]{64}$/);
      expect(alert.startsAtMs).toBeGreaterThanOrEqual(0);
      expect(alert.endsAtMs === undefined).toBe(alert.status === 'firing');
    }
  });
});

describe('what a body does not say is not made up', () => {
  test('the status of a cut group says resolved; its alerts are resolved, and the rest is unknown', () => {
    const read = readWebhook(sampleWebhook(fixture('v0.33.1/truncated-hides-firing-alert.json')), { clusters: ['edge-fr2'] });
    expect(read.alerts.map(({ status }) => status)).toEqual(['resolved', 'resolved']);
    expect(read.truncated).toBe(1);
    expect(read.group.receiver).toBe('dr-responder-max2');
    expect(label(read.group.labels, 'cluster')).toBe('edge-fr2');
  });

  test('bodies of two peers differ, and mean the same alert', () => {
    const [a, b] = ['v0.33.1/ha-duplicate/peer-0.json', 'v0.33.1/ha-duplicate/peer-1.json'].map((path) =>
      readWebhook(sampleWebhook(fixture(path)), { clusters: [clusterOf(fixture(path))] }),
    );
    expect(fixture('v0.33.1/ha-duplicate/peer-0.json')).not.toBe(fixture('v0.33.1/ha-duplicate/peer-1.json'));
    expect(a?.alerts[0]?.labelsDigest).toBe(b?.alerts[0]?.labelsDigest);
  });

  test('odd labels are kept as data', () => {
    const [alert] = readWebhook(sampleWebhook(fixture('v0.33.1/odd-labels.json')), { clusters: ['lab-odd'] }).alerts;
    const value = (name: string): string | undefined => label(alert?.labels ?? [], name);
    expect(value('__proto__')).toBe('polluted');
    expect(value('constructor')).toBe('polluted');
    expect(value('template')).toBe('{{ .Values.secret }} ${HOME} $(id) `id`');
    expect(value('nul')).toBe('a\u0000b');
    expect(value('slackping')).toContain('<!channel>');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(alert?.receiver).toBe('team\\.dr\\+bot \\(eu\\)');
  });

  test('starts in the future, in year 0 and with nanoseconds are clamped', () => {
    const { alerts } = readWebhook(sampleWebhook(fixture('v0.33.1/odd-timestamps.json'), { receivedMs: Date.UTC(2026, 10, 20, 23, 44, 41) }), {
      clusters: ['lab-time'],
    });
    expect(alerts.map(({ startsAtMs }) => new Date(startsAtMs).toISOString())).toEqual([
      '2026-11-21T00:44:40.767Z',
      '2026-11-20T04:30:00.123Z',
      '1970-01-01T00:00:00.000Z',
    ]);
  });

  test('an alert without a name is read', () => {
    const [alert] = readWebhook(sampleWebhook(fixture('v0.33.1/no-alertname.json')), { clusters: ['lab-noname'] }).alerts;
    expect(alert?.name).toBe('');
  });
});

describe('one alert that cannot be read costs no other', () => {
  test('of five hundred', () => {
    const alerts = Array.from({ length: 500 }, (_, index): unknown => bodyAlert({ alertname: 'A', n: String(index) }));
    alerts[250] = { status: 'firing', labels: { alertname: 7 } };
    const read = readWebhook(sampleWebhook(sampleBody({ alerts })), { clusters: ['prod'] });
    expect(read.alerts).toHaveLength(499);
    expect(read.quarantined).toEqual([{ reason: 'label "alertname": found a number, expected text', excerpt: '{"status":"firing","labels":{"alertname":7}}' }]);
  });

  test('a body that cannot be read any more is quarantined whole, each alert counted', () => {
    const read = readWebhook(sampleWebhook('{}', { body: '{"broken', alerts: 3 }), { clusters: ['prod'] });
    expect(read.alerts).toEqual([]);
    expect(read.quarantined).toHaveLength(3);
  });

  test('two of the same status key: the last wins, and each alert decides for itself', () => {
    const body =
      '{"version":"4","status":"firing","alerts":[{"status":"firing","status":"resolved","labels":{"alertname":"A"},"startsAt":"2026-11-21T11:00:00Z"}]}';
    expect(readWebhook(sampleWebhook(body), { clusters: ['prod'] }).alerts[0]?.status).toBe('resolved');
  });

  test('a megabyte in a label is cut and marked, and stays another alert than its neighbour', () => {
    const long = 'x'.repeat(1_000_000);
    const body = sampleBody({ alerts: [bodyAlert({ alertname: 'A', long }), bodyAlert({ alertname: 'A', long: `${long}y` })] });
    const [a, b] = readWebhook(sampleWebhook(body), { clusters: ['prod'] }).alerts;
    expect(a?.cut).toBe(1);
    expect(label(a?.labels ?? [], 'long')).toHaveLength(4096);
    expect(a?.labelsDigest).not.toBe(b?.labelsDigest);
  });
});

describe('the cluster of an alert', () => {
  const one = (labels: { readonly [name: string]: string }): string => sampleBody({ alerts: [bodyAlert({ alertname: 'A', ...labels })] });
  const known = { clusters: ['prod', 'staging'], fallback: 'prod' };

  test.each([
    ['its label, where the sender may', ['prod', 'staging'], { cluster: 'staging' }, 'staging'],
    ['its label, where anybody may', ['*'], { cluster: 'staging' }, 'staging'],
    ['the one of its sender', ['staging'], {}, 'staging'],
    ['the default, where its sender may mean several', ['*'], {}, 'prod'],
  ])('is %s', (_name, clusters, labels, expected) => {
    const read = readWebhook(sampleWebhook(one(labels), { clusters }), known);
    expect(read.alerts.map(({ cluster }) => cluster)).toEqual([expected]);
  });

  test.each([
    ['a cluster that the sender is not bound to', ['staging'], { cluster: 'prod' }, 'but the sender "staging" is bound to "staging"'],
    ['a cluster that nobody configured', ['*'], { cluster: 'mars' }, 'which is not configured here'],
  ])('naming %s is quarantined', (_name, clusters, labels, words) => {
    const read = readWebhook(sampleWebhook(one(labels), { clusters, sender: 'staging' }), known);
    expect(read.alerts).toEqual([]);
    expect(read.quarantined).toEqual([expect.objectContaining({ reason: expect.stringContaining(words), cluster: labels.cluster })]);
  });

  test('without a label or a default is not guessed', () => {
    const read = readWebhook(sampleWebhook(one({})), { clusters: ['prod', 'staging'] });
    expect(read.quarantined[0]?.reason).toContain('mark one cluster with default: true');
  });
});

test('two thousand alerts are read in well under a second', () => {
  const body = sampleBody({
    alerts: Array.from({ length: 2000 }, (_, index) =>
      bodyAlert({ alertname: 'A', cluster: 'prod', n: String(index) }, { annotations: { summary: 'x'.repeat(300) } }),
    ),
  });
  const tookMs = processorMs(() => {
    expect(readWebhook(sampleWebhook(body, { receivedMs: NOW_MS }), { clusters: ['prod'] }).alerts).toHaveLength(2000);
  });
  expect(tookMs).toBeLessThan(1500);
});
