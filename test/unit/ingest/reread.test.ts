import { describe, expect, test } from 'vitest';
import { parseReread } from '../../../src/ingest/reread.ts';
import { makeLabels } from '../../../src/model/label.ts';
import { NOW_MS } from './samples.ts';

const group = {
  digest: 'g',
  receiver: 'dr',
  labels: makeLabels([
    ['alertname', 'A'],
    ['cluster', 'prod'],
  ]),
};
const asked = { cluster: 'prod', group, nowMs: NOW_MS };
const listed = (labels: { readonly [name: string]: unknown }, state = 'active'): object => ({
  labels,
  annotations: { summary: 's' },
  startsAt: '2026-11-21T11:00:00.000Z',
  endsAt: '2026-11-21T12:05:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
  fingerprint: 'f',
  generatorURL: 'http://p',
  receivers: [{ name: 'dr' }],
  status: { state, silencedBy: [], inhibitedBy: [] },
});

describe('the answer of Alertmanager', () => {
  test('gives the active alerts of one group, and knows the silenced ones to be there', () => {
    const read = parseReread([listed({ alertname: 'A', cluster: 'prod', n: '1' }), listed({ alertname: 'A', cluster: 'prod', n: '2' }, 'suppressed')], asked);
    expect(read?.active).toMatchObject([{ status: 'firing', cluster: 'prod', groupDigest: 'g', receiver: 'dr', startsAtMs: NOW_MS - 3_600_000 }]);
    expect(read?.active[0]).not.toHaveProperty('endsAtMs');
    expect(read?.present.size).toBe(2);
    expect(read?.present.has(read.active[0]?.labelsDigest ?? '')).toBe(true);
  });

  test('leaves out other groups and other clusters', () => {
    const read = parseReread([listed({ alertname: 'B', cluster: 'prod' }), listed({ alertname: 'A', cluster: 'staging' }), listed({ alertname: 'A' })], asked);
    expect(read?.active).toEqual([]);
    expect(read?.present.size).toBe(0);
  });

  test.each([[{}], [null], ['x'], [[{ labels: {} }]], [[null]], [[{ status: 'active', labels: { alertname: 'A', cluster: 'prod' } }]]])(
    'of another form is no answer: %j',
    (answer) => {
      expect(parseReread(answer, asked)).toBeUndefined();
    },
  );
});
