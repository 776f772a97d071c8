import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advance, type Turn } from '../../../src/incident/advance.ts';
import { emptyChain } from '../../../src/model/entry.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { IncidentMail } from '../../../src/model/mail.ts';
import type { Policy } from '../../../src/model/policy.ts';

const policy: Pick<Policy, 'ladders' | 'severities'> = {
  ladders: {
    default: [
      { page: 'platform-primary', afterMs: 0 },
      { page: 'platform-secondary', afterMs: 900_000 },
    ],
  },
  severities: { critical: 'SEV1', warning: 'SEV2', default: 'SEV3' },
};

const fresh: Incident = {
  id: 'incident/a-1',
  key: 'node-not-ready/prod',
  ordinal: 1,
  cluster: 'prod',
  playbook: 'node-not-ready',
  title: 'KubeNodeNotReady on prod',
  state: 'open',
  severity: 'SEV2',
  openedMs: 0,
  openRuns: [],
  firing: [],
  runs: [],
  climbs: [],
  parked: [],
  chain: emptyChain,
};

const fires = (episode = 'episode/1', severity?: string): IncidentMail => ({
  kind: 'alert',
  status: 'firing',
  name: 'KubeNodeNotReady',
  episode,
  summary: 'w1 is not ready',
  ...(severity === undefined ? {} : { severity }),
});
const ends = (episode = 'episode/1'): IncidentMail => ({ kind: 'alert', status: 'resolved', name: 'KubeNodeNotReady', episode, summary: 'w1' });
const told = (state: string, run = 'run/a-1'): IncidentMail => ({ kind: 'run', run, n: 1, type: `run.${state}`, text: `${run} is ${state}`, state, facts: {} });
const escalate = (key = 'k'): IncidentMail => ({ kind: 'escalate', key, ladder: 'default', reason: 'nobody decided' });

/** Turns an incident with news at a time, as the driver would, and counts its journal. */
function turn(before: Incident, mail: readonly IncidentMail[], nowMs = 1000): Turn {
  const next = advance(
    before,
    mail.map((one) => ({ mail: one, atMs: nowMs })),
    { nowMs, policy },
  );
  return { ...next, incident: { ...next.incident, chain: { n: before.chain.n + next.entries.length, hash: 'x' } } };
}
const types = (of: Turn): readonly string[] => of.entries.map(({ type }) => type);
const texts = (of: Turn): readonly unknown[] => of.entries.map(({ data }) => data['text']);

test('the first turn opens the timeline; alerts join, and are told once', () => {
  const first = turn(fresh, [fires(), fires()]);
  expect(texts(first)).toEqual(['SEV2 KubeNodeNotReady on prod', 'KubeNodeNotReady fires: w1 is not ready']);
  expect(first.incident).toMatchObject({ state: 'open', firing: ['episode/1'] });
  expect(turn(first.incident, [fires()]).entries).toEqual([]);
});

test('a storm of alerts is one line that counts them, when it comes and when it goes', () => {
  const storm = (status: 'firing' | 'resolved'): readonly IncidentMail[] =>
    Array.from({ length: 500 }, (_, index) => ({
      kind: 'alert',
      status,
      name: index < 12 ? 'KubeNodeNotReady' : 'KubePodNotReady',
      episode: `episode/${index}`,
      summary: `b-${index} is not ready`,
    }));
  const came = turn(fresh, storm('firing'));
  expect(texts(came)).toEqual(['SEV2 KubeNodeNotReady on prod', '500 alerts fire: 488 KubePodNotReady, 12 KubeNodeNotReady; first: b-0 is not ready']);
  expect(came.incident.firing).toHaveLength(500);
  const went = turn(turn(came.incident, [told('queued')]).incident, storm('resolved'));
  expect(texts(went)).toEqual(['500 alerts no longer fire: 488 KubePodNotReady, 12 KubeNodeNotReady; first: b-0 is not ready']);
  expect(texts(turn(fresh, storm('firing').slice(0, 3)))).toHaveLength(4);
});

test('it is open while a run is open, mitigated when every run ended well, closed when nothing fires', () => {
  const working = turn(fresh, [fires(), told('queued')]);
  expect(working.incident).toMatchObject({ state: 'open', openRuns: ['run/a-1'] });
  const done = turn(working.incident, [told('done')], 2000);
  expect(done.incident).toMatchObject({ state: 'mitigated', mitigatedMs: 2000, openRuns: [] });
  expect(texts(done)).toEqual(['run/a-1 is done', 'Mitigated: every run ended well; one alert still fires']);
  const over = turn(done.incident, [ends()], 3000);
  expect(over.incident).toMatchObject({ state: 'closed', closedMs: 3000, closedBecause: 'Nothing fires any more; the run ended well' });
  expect(types(over)).toEqual(['alert.resolved', 'incident.closed']);
  expect(over).not.toHaveProperty('dueMs');
});

test('a resolved alert does not close while a run is open', () => {
  expect(turn(fresh, [fires(), told('executing'), ends()]).incident.state).toBe('open');
});

test('a run that did not help keeps it open, and the words say so', () => {
  const failed = turn(fresh, [fires(), told('failed')]);
  expect(failed.incident).toMatchObject({ state: 'open', unwell: ['run/a-1'] });
  expect(turn(failed.incident, [told('done', 'run/b-1'), ends()]).incident.closedBecause).toBe('Nothing fires any more; 1 of 2 runs did not end well');
});

test('a run that was taken over by another is neither good nor bad', () => {
  expect(turn(fresh, [fires(), told('superseded'), told('done', 'run/b-1')]).incident.state).toBe('mitigated');
});

test('a new run after mitigation opens it again', () => {
  const mitigated = turn(fresh, [fires(), told('done')]).incident;
  const again = turn(mitigated, [told('queued', 'run/b-1')]);
  expect(again.incident.state).toBe('open');
  expect(again.incident).not.toHaveProperty('mitigatedMs');
  expect(types(again)).toContain('incident.reopened');
});

test('the severity rises by itself, and never falls by itself', () => {
  const raised = turn(fresh, [fires('episode/1', 'critical')]);
  expect(raised.incident.severity).toBe('SEV1');
  expect(texts(raised)).toContain('SEV2 becomes SEV1: KubeNodeNotReady is critical');
  expect(turn(raised.incident, [fires('episode/2', 'warning')]).incident.severity).toBe('SEV1');
  expect(turn(fresh, [fires('episode/1', 'constructor')]).incident.severity).toBe('SEV2');
});

test('people may set any severity', () => {
  const lowered = turn(fresh, [fires(), { kind: 'severity', by: 'ana', surface: 'console', severity: 'SEV3' }]);
  expect(lowered.incident.severity).toBe('SEV3');
  expect(texts(lowered)).toContain('SEV2 becomes SEV3: set by ana');
});

test('who acknowledges has it: every ladder stops, the pager is told once, and they lead where nobody does', () => {
  const has = (by: string, person = true): IncidentMail => ({ kind: 'acknowledge', by, surface: 'pagerduty', person });
  const called = turn(fresh, [fires(), escalate('a'), escalate('b')]).incident;
  const answered = turn(called, [has('ana'), has('ben')], 2000);
  expect(answered.incident.climbs.map(({ stoppedMs }) => stoppedMs)).toEqual([2000, 2000]);
  expect(answered.pages).toMatchObject([{ action: 'acknowledge', target: 'platform-primary' }]);
  expect(texts(answered)).toEqual([
    'ana leads',
    'Nobody more is called by ladder "default": ana answered',
    'Nobody more is called by ladder "default": ana answered',
  ]);
  expect(turn(answered.incident, [], 900_000 + 2000).pages).toEqual([]);
  // The pager knows them, the configuration does not: their word stops the calls, and no more.
  const stranger = turn(called, [has('PagerDuty user P1', false)], 2000).incident;
  expect(stranger.lead).toBeUndefined();
  expect(stranger.climbs.every(({ stoppedMs }) => stoppedMs === 2000)).toBe(true);
});

test('who takes the lead has answered; who is named by another may be asleep', () => {
  const called = turn(fresh, [fires(), escalate()]).incident;
  const lead = (by: string): IncidentMail => ({ kind: 'lead', by, surface: 'cli', lead: 'ben' });
  expect(turn(called, [lead('ana')]).incident.climbs[0]?.stoppedMs).toBeUndefined();
  expect(turn(called, [lead('ben')]).incident.climbs[0]?.stoppedMs).toBe(1000);
});

test('one leads at a time: who takes over from whom is told once, and stands on the incident', () => {
  const lead = (to: string, by = 'ana'): IncidentMail => ({ kind: 'lead', by, surface: 'cli', lead: to });
  const taken = turn(fresh, [fires(), lead('ana'), lead('ana')]);
  expect(taken.incident.lead).toBe('ana');
  expect(texts(taken).slice(2)).toEqual(['ana leads']);
  const handed = turn(taken.incident, [lead('ben'), lead('cleo', 'cleo')]);
  expect(handed.incident.lead).toBe('cleo');
  expect(texts(handed)).toEqual(['ben leads, after ana: set by ana', 'cleo leads, after ben']);
});

test('a note is kept as it was said, but for what must not be shown', () => {
  const noted = turn(fresh, [fires(), { kind: 'note', by: 'ana', surface: 'slack', text: 'line one\nkey AKIAIOSFODNN7EXAMPLE' }]);
  expect(texts(noted)).toContain('ana: line one\nkey AKIA***');
});

test('facts of a run are kept without secrets; where they are too large the words stay', () => {
  const report = { kind: 'run', run: 'run/a-1', n: 7, type: 'run.diagnosed', text: 'x', state: 'diagnosing' } as const;
  const small = turn(fresh, [{ ...report, facts: { token: 'xoxb-1234-abcd' } }]);
  expect(small.entries.at(-1)?.data).toEqual({ text: 'x', run: 'run/a-1', n: 7, state: 'diagnosing', facts: { token: 'xoxb-***' } });
  const large = turn(fresh, [{ ...report, facts: { log: 'a'.repeat(20_000) } }]);
  expect(large.entries.at(-1)?.data).toEqual({ text: 'x', run: 'run/a-1', n: 7, state: 'diagnosing' });
});

test('a cause calls people by its ladder: the first at once, the next when its time comes', () => {
  const called = turn(fresh, [fires(), told('proposed'), escalate()], 1000);
  expect(texts(called)).toContain('paged platform-primary: nobody decided');
  expect(called.pages).toMatchObject([{ action: 'trigger', target: 'platform-primary' }]);
  expect(called.dueMs).toBe(901_000);
  const quiet = turn(called.incident, [], 500_000);
  expect(quiet).toMatchObject({ entries: [], pages: [], dueMs: 901_000 });
  const next = turn(called.incident, [], 901_000);
  expect(next.pages).toMatchObject([{ target: 'platform-secondary' }]);
  expect(next).not.toHaveProperty('dueMs');
});

test('the same cause calls once, answered or not', () => {
  const called = turn(fresh, [fires(), told('proposed'), escalate(), escalate()]);
  expect(called.pages).toHaveLength(1);
  const calmed = turn(called.incident, [{ kind: 'calm', key: 'k', by: 'ana' }]);
  expect(turn(calmed.incident, [escalate()]).pages).toEqual([]);
});

test('when somebody answers nobody more is called, and the pager is told', () => {
  const called = turn(fresh, [fires(), told('proposed'), escalate()], 1000);
  const calmed = turn(called.incident, [{ kind: 'calm', key: 'k', by: 'ana' }], 2000);
  expect(texts(calmed)).toEqual(['Nobody more is called by ladder "default": ana answered']);
  expect(calmed.pages).toMatchObject([{ action: 'acknowledge', target: 'platform-primary' }]);
  expect(turn(calmed.incident, [], 9_000_000).pages).toEqual([]);
});

test('a cause that is gone by itself stops the calls without a word to the pager', () => {
  const called = turn(fresh, [fires(), told('proposed'), escalate()]);
  expect(turn(called.incident, [{ kind: 'calm', key: 'k' }]).pages).toEqual([]);
});

test('a ladder that is not there is said once, and the default one is climbed', () => {
  const called = turn(fresh, [fires(), { kind: 'escalate', key: 'k', ladder: 'night', reason: 'r' }]);
  expect(texts(called)).toContain('Calling people: the ladder "night" is not configured; "default" is climbed');
  expect(called.pages).toHaveLength(1);
  expect(types(turn(called.incident, [], 901_000))).not.toContain('escalation.problem');
});

test('a call that nobody answered keeps it open when its alert resolves by itself', () => {
  const called = turn(fresh, [fires(), told('failed'), escalate('run/a-1/end')]);
  const resolved = turn(called.incident, [ends()]);
  expect(resolved.incident.state).toBe('open');
  expect(turn(resolved.incident, [{ kind: 'calm', key: 'run/a-1/end', by: 'ana' }]).incident.state).toBe('closed');
});

test('a failed run that no alert started is not over before somebody answers', () => {
  expect(turn(fresh, [told('failed'), escalate('run/a-1/end')]).incident.state).toBe('open');
});

test('where no playbook answers, the alert is all there is: when it ends, so do the calls', () => {
  const { playbook: _playbook, ...unrouted } = fresh;
  const called = turn(unrouted, [fires(), escalate('unrouted')]);
  expect(called.pages).toHaveLength(1);
  const over = turn(called.incident, [ends()]);
  expect(over.incident).toMatchObject({ state: 'closed', closedBecause: 'Nothing fires any more; no run was needed' });
  expect(over.pages).toMatchObject([
    { action: 'resolve', target: 'platform-primary' },
    { action: 'note', details: { report: expect.any(String) } },
  ]);
});

test('a person closes it whatever is left; the pager is resolved, nobody more is called, open runs go on', () => {
  const called = turn(fresh, [fires(), told('executing'), escalate()]);
  const over = turn(called.incident, [{ kind: 'close', by: 'ana', surface: 'cli', reason: 'false alarm' }], 5000);
  expect(over.incident).toMatchObject({ state: 'closed', closedBecause: 'Closed by ana: false alarm (one run goes on)' });
  expect(over.pages).toMatchObject([{ action: 'resolve' }, { action: 'note' }]);
  expect(over).not.toHaveProperty('dueMs');
  const ended = turn(over.incident, [told('done')], 6000);
  expect(ended.incident.state).toBe('closed');
  expect(types(ended)).toEqual(['run.done']);
});

test('a repeat of what was known when it was closed changes nothing; something new opens it again', () => {
  const over = turn(turn(fresh, [fires()]).incident, [{ kind: 'close', by: 'ana', surface: 'cli', reason: 'x' }]);
  expect(turn(over.incident, [fires()]).incident.state).toBe('closed');
  const again = turn(over.incident, [fires('episode/2')]);
  expect(again.incident.state).toBe('open');
  expect(again.incident).not.toHaveProperty('closedBecause');
  expect(texts(again)[0]).toBe('Open again: KubeNodeNotReady fires');
  expect(turn(over.incident, [escalate()]).incident.state).toBe('open');
  expect(turn(over.incident, [told('queued')]).incident.state).toBe('open');
});

test('an episode that rests is started when its time comes, if it still fires', () => {
  const resting = turn(fresh, [fires(), { kind: 'park', episode: 'episode/1', untilMs: 60_000 }]);
  expect(resting).toMatchObject({ dueMs: 60_000, start: [] });
  const due = turn(resting.incident, [], 60_000);
  expect(due.start).toEqual(['episode/1']);
  expect(due.incident.parked).toEqual([]);
  const gone = turn(resting.incident, [ends()], 30_000);
  expect(gone.incident).toMatchObject({ parked: [], state: 'closed' });
  expect(turn(gone.incident, [], 60_000).start).toEqual([]);
});

test('parking the same episode again moves its time', () => {
  const resting = turn(fresh, [fires(), { kind: 'park', episode: 'episode/1', untilMs: 60_000 }, { kind: 'park', episode: 'episode/1', untilMs: 90_000 }]);
  expect(resting.incident.parked).toEqual([{ episode: 'episode/1', untilMs: 90_000 }]);
});

const anyMail: fc.Arbitrary<IncidentMail> = fc.oneof(
  fc.constantFrom('episode/1', 'episode/2').map((episode) => fires(episode)),
  fc.constantFrom('episode/1', 'episode/2').map((episode) => ends(episode)),
  fc
    .record({ state: fc.constantFrom('queued', 'executing', 'done', 'failed', 'recovered'), run: fc.constantFrom('run/a-1', 'run/b-1') })
    .map(({ state, run }) => told(state, run)),
  fc.constantFrom('k1', 'k2').map((key) => escalate(key)),
  fc.constantFrom('k1', 'k2').map((key): IncidentMail => ({ kind: 'calm', key, by: 'ana' })),
  fc.constant<IncidentMail>({ kind: 'close', by: 'ana', surface: 'cli', reason: 'x' }),
  fc.constant<IncidentMail>({ kind: 'park', episode: 'episode/1', untilMs: 5000 }),
);

test('however news is cut into turns, it tells the same and ends the same', () => {
  fc.assert(
    fc.property(fc.array(anyMail, { minLength: 1, maxLength: 15 }), (mail) => {
      const one = turn(turn(fresh, []).incident, mail, 1000);
      let incident = turn(fresh, []).incident;
      for (const each of mail) incident = turn(incident, [each], 1000).incident;
      // Between turns it may have been closed and opened again, which leaves calls stopped; what is open and fires is the same.
      expect([incident.firing, incident.openRuns, incident.runs, incident.unwell]).toEqual([
        one.incident.firing,
        one.incident.openRuns,
        one.incident.runs,
        one.incident.unwell,
      ]);
    }),
  );
});

test('whatever comes, a closed incident calls nobody and waits for nothing, and an open one has a reason to be', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyMail, fc.nat(10_000)), { maxLength: 25 }), (steps) => {
      let incident = fresh;
      let nowMs = 0;
      for (const [mail, passMs] of steps) {
        nowMs += passMs;
        const next = turn(incident, [mail], nowMs);
        incident = next.incident;
        const calling = incident.climbs.some((climb) => climb.stoppedMs === undefined);
        if (incident.state === 'closed') expect([calling, next.dueMs, incident.parked]).toEqual([false, undefined, []]);
        else expect(incident.firing.length + incident.openRuns.length + Number(calling)).toBeGreaterThan(0);
        if (incident.state === 'mitigated') expect([incident.openRuns, calling]).toEqual([[], false]);
      }
    }),
  );
});
