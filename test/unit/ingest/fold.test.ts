import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWebhook } from '../../../src/ingest/alertmanager.ts';
import { endEpisode, expiresMs, fold, type Happened } from '../../../src/ingest/fold.ts';
import type { Alert, Episode } from '../../../src/model/alert.ts';
import { fixture, NOW_MS, sampleAlert, sampleWebhook } from './samples.ts';

type News = { readonly alert: Alert; readonly atMs: number };

const MINUTE = 60_000;
const at = (minutes: number): number => NOW_MS + minutes * MINUTE;
/** It began to fire at this minute; told at `told`. */
const fires = (start: number, told = start): News => ({ alert: sampleAlert({ startsAtMs: at(start) }), atMs: at(told) });
const ends = (start: number, end: number, told = end): News => ({
  alert: sampleAlert({ status: 'resolved', startsAtMs: at(start), endsAtMs: at(end) }),
  atMs: at(told),
});

function play(news: readonly News[], from?: Episode): { readonly episode: Episode; readonly happened: readonly Happened[] } {
  let episode = from;
  const happened: Happened[] = [];
  for (const { alert, atMs } of news) {
    const folded = fold(episode, alert, atMs);
    ({ episode } = folded);
    happened.push(folded.happened);
  }
  if (episode === undefined) throw new Error('nothing was folded');
  return { episode, happened };
}

describe('an episode', () => {
  test('opens once, however often its alert is repeated', () => {
    const { episode, happened } = play([fires(0), fires(0, 1), fires(0, 240)]);
    expect(happened).toEqual(['opened', 'repeated', 'repeated']);
    expect(episode).toMatchObject({ state: 'firing', ordinal: 1, times: 3, firstSeenMs: at(0), lastSeenMs: at(240) });
  });

  test('ends by the word of its alert', () => {
    const { episode, happened } = play([fires(0), ends(0, 10)]);
    expect(happened).toEqual(['opened', 'resolved']);
    expect(episode).toMatchObject({ state: 'ended', ended: { atMs: at(10), by: 'resolved' } });
  });

  test('that fires again behind its end is the next one', () => {
    const { episode, happened } = play([fires(0), ends(0, 10), fires(20)]);
    expect(happened).toEqual(['opened', 'resolved', 'refired']);
    expect(episode).toMatchObject({ state: 'firing', ordinal: 2, times: 1, runs: [], incident: '' });
    expect(episode.ended).toBeUndefined();
  });

  test('whose end is heard of first is recorded, and opens nothing', () => {
    const { episode, happened } = play([ends(0, 10), fires(0, 11)]);
    expect(happened).toEqual(['resolved-first', 'late']);
    expect(episode).toMatchObject({ state: 'ended', ordinal: 0 });
  });

  test('keeps its start as it was last sent, earlier or later', () => {
    const later = fold(play([fires(0)]).episode, fires(5).alert, at(6));
    expect(later).toMatchObject({ happened: 'repeated', moved: true, episode: { alert: { startsAtMs: at(5) } } });
    const earlier = fold(later.episode, fires(-5).alert, at(7));
    expect(earlier).toMatchObject({ happened: 'repeated', moved: true, episode: { alert: { startsAtMs: at(-5) }, latestStartMs: at(5) } });
  });

  test('is not ended by the late end of the firing before', () => {
    const { episode, happened } = play([fires(0), ends(0, 10), fires(11), ends(0, 10, 12)]);
    expect(happened).toEqual(['opened', 'resolved', 'refired', 'late']);
    expect(episode.state).toBe('firing');
  });

  test('is not opened by a webhook that was under way when it ended', () => {
    expect(play([fires(0), ends(0, 10), fires(0, 14)]).happened.at(-1)).toBe('late');
  });

  test('is opened again by the same start long behind its end: Prometheus was cut off', () => {
    expect(play([fires(0), ends(0, 10), fires(0, 16)]).happened.at(-1)).toBe('refired');
  });

  test('is ended by the truth although a start in the future was heard of', () => {
    const { episode } = play([{ alert: sampleAlert({ startsAtMs: at(600) }), atMs: at(0) }, ends(600, 5)]);
    expect(episode.state).toBe('ended');
  });

  test('expires behind twice the repeat interval, and is opened by any repeat behind that', () => {
    const open = play([fires(0), fires(0, 100)]).episode;
    expect(expiresMs(open, 4 * 60 * MINUTE)).toBe(at(100 + 480));
    const expired = endEpisode(open, 'expired', at(600));
    expect(expired).toMatchObject({ state: 'ended', ended: { by: 'expired', atMs: at(600) } });
    expect(fold(expired, fires(0).alert, at(601)).happened).toBe('refired');
  });

  test('that was disproved is opened by what is sent behind that only', () => {
    const gone = endEpisode(play([fires(0)]).episode, 'disproved', at(10));
    expect(fold(gone, fires(0).alert, at(9)).happened).toBe('late');
    expect(fold(gone, fires(0).alert, at(11)).happened).toBe('refired');
  });
});

test('the node that flaps, as a real Alertmanager told it, makes two episodes of one node and one of the other', () => {
  const names = [
    '01-firing-worker-1-firing',
    '02-firing-worker-1-firing-worker-2-firing',
    '03-firing-worker-1-firing-worker-2-firing',
    '04-firing-worker-1-resolved-worker-2-firing',
    '05-resolved-worker-2-resolved',
    '06-firing-worker-1-firing',
  ];
  const episodes = new Map<string, Episode>();
  const opened: string[] = [];
  for (const [index, name] of names.entries()) {
    const webhook = sampleWebhook(fixture(`v0.33.1/sequence-node-flap/${name}.json`), { receivedMs: Date.UTC(2026, 10, 20, 23, 46, 44 + 4 * index) });
    for (const alert of readWebhook(webhook, { clusters: ['prod-eu1'] }).alerts) {
      const folded = fold(episodes.get(alert.labelsDigest), alert, webhook.receivedMs);
      episodes.set(alert.labelsDigest, folded.episode);
      if (folded.happened === 'opened' || folded.happened === 'refired')
        opened.push(folded.episode.alert.labels.find(([label]) => label === 'node')?.[1] ?? '');
    }
  }
  expect(opened).toEqual(['worker-1', 'worker-2', 'worker-1']);
  expect([...episodes.values()].map(({ state, ordinal }) => `${state} ${ordinal}`)).toEqual(['firing 2', 'ended 1']);
});

describe('whatever the order', () => {
  /** The firings of one alert, within the five minutes in which webhooks may still be under way; the last one may go on. */
  const lifecycle = fc.record({ firings: fc.integer({ min: 1, max: 4 }), goesOn: fc.boolean() }).map(({ firings, goesOn }) => {
    const news: Alert[] = [];
    for (let index = 0; index < firings; index += 1) {
      const startsAtMs = at(0) + index * 40_000;
      news.push(sampleAlert({ startsAtMs }));
      if (index < firings - 1 || !goesOn) news.push(sampleAlert({ status: 'resolved', startsAtMs, endsAtMs: startsAtMs + 20_000 }));
    }
    return { news, state: goesOn ? 'firing' : 'ended' };
  });

  test('of webhooks, repeated and with some missing, the end state is the same', () => {
    fc.assert(
      fc.property(
        lifecycle.chain(({ news, state }) =>
          fc.record({
            state: fc.constant(state),
            // The last word arrives; of the others some are lost, and some come twice or more.
            sent: fc.tuple(fc.array(fc.constantFrom(...news), { maxLength: 12 }), fc.constant(news.at(-1))).chain(([some, last]) => {
              const all = last === undefined ? some : [...some, last];
              return fc.shuffledSubarray(all, { minLength: all.length });
            }),
          }),
        ),
        ({ state, sent }) => {
          let episode: Episode | undefined;
          // All of them are received behind the last change, in a random order.
          for (const [index, alert] of sent.entries()) episode = fold(episode, alert, at(3) + index * 1000).episode;
          expect(episode?.state).toBe(state);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  test('of repeats, one firing opens at most one episode', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 10 }), (times, delays) => {
        const news = delays.flatMap((delay) => Array.from({ length: times }, () => fires(0, 0 + delay / 60)));
        expect(play(news).happened.filter((what) => what === 'opened' || what === 'refired')).toHaveLength(1);
      }),
    );
  });
});
