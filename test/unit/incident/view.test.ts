import { expect, test } from 'vitest';
import { view } from '../../../src/incident/view.ts';
import { incident, run } from '../notify/story.ts';

const { closedMs: _closedMs, closedBecause: _because, ...open } = incident;
const { endedMs: _endedMs, closing: _closing, ...working } = run;
const requirement = { kind: 'people', need: [], notRequester: false, withinMs: 1, remindMs: 1, words: 'needs 1 of platform, within 15m' } as const;
const proposed = { ...working, id: 'run/b-1', state: 'proposed', approval: { requirement, askedMs: 0, expiresMs: 1, votes: [] } } as const;

test('a proposal waits for whom it asks', () => {
  const glance = view({ ...open, state: 'open' }, [run, proposed]);
  expect(glance.runs).toEqual([
    { run: 'run/b-1', playbook: 'node-not-ready', target: 'w1', state: 'proposed', waitsFor: 'approval (needs 1 of platform, within 15m)' },
    { run: 'run/a-1', playbook: 'node-not-ready', target: 'w1', state: 'done' },
  ]);
  expect(glance.needsPeople).toEqual(['node-not-ready on w1: approval (needs 1 of platform, within 15m)']);
});

test('a hold is told with its gate; who can lift it is a person or not', () => {
  const frozen = { ...working, state: 'executing', hold: { kind: 'hold', gate: 'freeze', reason: 'prod is frozen' } } as const;
  expect(view(open, [frozen])).toMatchObject({ runs: [{ waitsFor: 'freeze: prod is frozen' }], needsPeople: [] });
  const paused = { ...frozen, hold: { kind: 'hold', gate: 'pause', reason: 'ana paused everything' } } as const;
  expect(view(open, [paused]).needsPeople).toEqual(['node-not-ready on w1: pause: ana paused everything']);
});

test('a call that nobody answered comes first', () => {
  const climbs = [{ key: 'k', ladder: 'default', reason: 'nobody decided', sinceMs: 0, walked: 1 }];
  expect(view({ ...open, climbs }, [proposed]).needsPeople[0]).toBe('an answer: nobody decided');
});

test('it says since when it is as it is', () => {
  expect(view(incident, []).sinceMs).toBe(incident.closedMs);
  expect(view({ ...open, state: 'mitigated', mitigatedMs: 77 }, []).sinceMs).toBe(77);
  expect(view({ ...open, state: 'open' }, []).sinceMs).toBe(incident.openedMs);
});
