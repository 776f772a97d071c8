import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Incident } from '../../../src/model/incident.ts';
import { type ChannelSettings, channelName, wantedOf } from '../../../src/notify/channel/wanted.ts';
import { slackChannels } from '../../../src/slack/channels.ts';
import { slackClient } from '../../../src/slack/client.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { simulatedSlack } from '../../../src/world/slack/slack.ts';
import { wire } from './wire.ts';

const HOSTILE = [
  '<!channel> <@U0ANA> <!here|x>',
  '<https://evil.example.test|Console>',
  '\u202Egnp.exe\u202C \u200Bx\u2066y',
  '\uD83D',
  '&'.repeat(4000),
  '<'.repeat(260),
  '👩‍🚒'.repeat(300),
  'a\nb\r\nc\u0000d',
  '---',
  '',
];
const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 80 }));
/** As the configuration takes them. */
const linkTitle = text.filter((one) => one !== '').map((one) => one.slice(0, 60));
const link = fc.record({ title: linkTitle, url: fc.constantFrom('https://runbooks.example.com/a?b=1&c=<2>', 'https://grafana.example.com/d/x|y') });
const named = fc.option(text, { nil: undefined });

const settings: ChannelSettings = {
  severities: ['SEV1'],
  risks: [],
  isPrivate: false,
  prefix: 'inc',
  invite: [],
  bookmarks: [],
  archiveAfterMs: 604_800_000,
  site: 'https://salvor.example.com',
};

function incidentWith(change: Partial<Incident>): Incident {
  const base: Incident = {
    id: 'incident/70ee629df262e044-1',
    key: 'backup-failed/prod',
    ordinal: 1,
    cluster: 'prod',
    title: '',
    state: 'open',
    severity: 'SEV1',
    openedMs: 0,
    openRuns: [],
    firing: [],
    runs: [],
    climbs: [],
    parked: [],
    chain: { n: 1, hash: 'x' },
  };
  return { ...base, ...change };
}

test('whatever incidents, people and bookmarks are called, Slack takes the channel, and nothing in it calls anybody', async () => {
  await import('@slack/web-api');
  const clock = virtualClock();
  const slack = simulatedSlack({ clock, ids: seededIds('channels') });
  slack.apply({ rateLimits: false });
  const client = slackClient({ token: () => 'xoxb-test', apiUrl: 'http://slack.test/api', fetch: (url, init) => wire({ slack, clock }, url, init) });
  const channels = slackChannels({ client, clock });
  let number = 0;
  await fc.assert(
    fc.asyncProperty(text, text, named, named, fc.array(link, { maxLength: 4 }), async (title, cluster, lead, communications, bookmarks) => {
      number += 1;
      const incident = incidentWith({ title, cluster, ...(lead === undefined ? {} : { lead }), ...(communications === undefined ? {} : { communications }) });
      const name = channelName(incident, { prefix: 'inc', number, nowMs: 0 });
      const wanted = wantedOf({ ...incident, channel: { wanted: name, state: 'wanted' } }, { ...settings, bookmarks }, { policy: { people: [] }, onCall: [] });
      const { id } = await channels.create({ name: wanted.name, isPrivate: false });
      for (const _again of [1, 2]) {
        await channels.topic(id, wanted.topic);
        await channels.purpose(id, wanted.purpose);
        for (const one of wanted.bookmarks) await channels.bookmark(id, one);
      }
      const made = slack.workspace.channels.get(id);
      expect(made).toMatchObject({ name, topic: expect.stringMatching(/^SEV1 \| open/), purpose: expect.stringContaining('Salvor incident') });
      for (const said of [made?.topic ?? '', made?.purpose ?? '']) {
        expect(said.length).toBeLessThanOrEqual(250);
        expect(said).not.toMatch(/[<>\n\r]/);
      }
      const titles = made?.bookmarks.map((one) => one.title) ?? [];
      for (const one of titles) expect(one).toMatch(/^[^<>\p{Cc}\p{Cs}]{1,60}$/u);
      expect(titles).toHaveLength(new Set(made?.bookmarks.map((one) => `${one.title} ${one.link}`)).size);
      expect(new Set(made?.bookmarks.map((one) => one.link))).toEqual(new Set(wanted.bookmarks.map((one) => one.url)));
    }),
    { numRuns: 150 },
  );
});
