import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incident } from '../../../../src/model/incident.ts';
import { type ChannelSettings, channelName, markOf, wantedOf, wantsChannel } from '../../../../src/notify/channel/wanted.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const settings: ChannelSettings = {
  severities: ['SEV1'],
  risks: ['destructive'],
  isPrivate: false,
  prefix: 'inc',
  invite: ['platform'],
  bookmarks: [],
  archiveAfterMs: 604_800_000,
  site: 'https://salvor.example.com',
};
const incident: Incident = {
  id: 'incident/70ee629df262e044-1',
  key: 'backup-failed/prod',
  ordinal: 1,
  cluster: 'prod',
  title: 'VeleroBackupFailed on prod: daily',
  state: 'open',
  severity: 'SEV1',
  openedMs: NOW,
  openRuns: [],
  firing: [],
  runs: [],
  climbs: [],
  parked: [],
  channel: { wanted: 'inc-20261122-1-prod-x', state: 'wanted' },
  chain: { n: 1, hash: 'x' },
};
const people = [
  { name: 'ana', slack: 'U0ANA', teams: ['platform'] },
  { name: 'ben', slack: 'U0BEN', teams: ['shop'] },
  { name: 'cleo', slack: 'U0CLEO', pagerduty: 'PCLEO', teams: [] },
  { name: 'dora', teams: ['platform'] },
];
const wanted = (change: Partial<Incident> = {}, onCall: readonly string[] = []) =>
  wantedOf({ ...incident, ...change }, settings, { policy: { people }, onCall });
const ids = (of: ReturnType<typeof wanted>): readonly string[] => of.invite.map(({ id }) => id);

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('<!channel>', '&'.repeat(4000), '👩‍🚒'.repeat(200), '', '---', '../../etc', 'ÅÉÎ über Straße'),
);

test('a name says the day, its number, where and what', () => {
  expect(channelName(incident, { prefix: 'inc', number: 3, nowMs: NOW })).toBe('inc-20261122-3-prod-velerobackupfailed-on-prod-daily');
  expect(channelName({ cluster: 'prod', title: 'Straße über Ångström' }, { prefix: 'dr', number: 12, nowMs: NOW })).toBe(
    'dr-20261122-12-prod-stra-e-u-ber-a-ngstro-m',
  );
});

test('whatever an alert is called, Slack takes the name, with a number behind it', () => {
  fc.assert(
    fc.property(hostile, fc.stringMatching(/^[a-z0-9][-a-z0-9.]{0,61}[a-z0-9]$/), fc.integer({ min: 1, max: 9999 }), (title, cluster, number) => {
      const name = channelName({ cluster, title }, { prefix: 'incident-of-sixt', number, nowMs: NOW });
      expect(`${name}-9`).toMatch(/^[a-z0-9][a-z0-9-]{0,69}$/);
      expect(name.length).toBeLessThanOrEqual(60);
      expect(name).not.toMatch(/--|-$/);
    }),
  );
});

test('two clusters whose names look alike do not want the same channel', () => {
  const name = (cluster: string): string => channelName({ cluster, title: 'x' }, { prefix: 'inc', number: 1, nowMs: NOW });
  expect(name('eu.prod')).not.toBe(name('eu-prod'));
  expect(name('a-very-long-cluster-name-one')).not.toBe(name('a-very-long-cluster-name-two'));
});

test('topic, purpose and bookmarks are ours, whatever the title says', () => {
  fc.assert(
    fc.property(hostile, (title) => {
      const { topic, purpose, bookmarks } = wanted({ title });
      expect(topic.startsWith('SEV1 | open | lead nobody yet | ')).toBe(true);
      expect(purpose.startsWith(`${markOf(incident.id)} recovery on prod, `)).toBe(true);
      expect(bookmarks).toEqual([{ title: 'Console', url: 'https://salvor.example.com/incidents/70ee629df262e044-1' }]);
    }),
  );
});

test('invited are the teams, who leads, who speaks for it and who is on call, where Slack knows them', () => {
  expect(ids(wanted())).toEqual(['U0ANA']);
  expect(ids(wanted({ lead: 'ben' }))).toEqual(['U0ANA', 'U0BEN']);
  expect(ids(wanted({ communications: 'ben' }))).toEqual(['U0ANA', 'U0BEN']);
  expect(ids(wanted({}, ['Cleo']))).toEqual(['U0ANA', 'U0CLEO']);
  expect(ids(wanted({}, ['PCLEO']))).toEqual(['U0ANA', 'U0CLEO']);
});

test('a channel is for what is grave, or may become so', () => {
  const proposed = (risk: string) => [{ type: 'run.proposed', atMs: NOW, data: { facts: { risk } } }];
  expect(wantsChannel({ severity: 'SEV1' }, [], settings)).toBe(true);
  expect(wantsChannel({ severity: 'SEV2' }, [], settings)).toBe(false);
  expect(wantsChannel({ severity: 'SEV3' }, proposed('destructive'), settings)).toBe(true);
  expect(wantsChannel({ severity: 'SEV3' }, proposed('reversible'), settings)).toBe(false);
});
