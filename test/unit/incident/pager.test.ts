import { expect, test } from 'vitest';
import { advance, type Turn } from '../../../src/incident/advance.ts';
import { readIncident } from '../../../src/incident/stored.ts';
import { emptyChain } from '../../../src/model/entry.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { IncidentMail, PagerMail } from '../../../src/model/mail.ts';
import type { Policy } from '../../../src/model/policy.ts';

const policy: Pick<Policy, 'ladders' | 'severities'> = {
  ladders: {
    default: [
      { page: 'primary', afterMs: 0 },
      { page: 'secondary', afterMs: 900_000 },
      { page: 'command', afterMs: 1_800_000 },
    ],
  },
  severities: { default: 'SEV3' },
};
const fresh: Incident = {
  id: 'incident/a-1',
  key: 'k',
  ordinal: 1,
  cluster: 'prod',
  playbook: 'node-not-ready',
  title: 'T',
  state: 'open',
  severity: 'SEV2',
  openedMs: 0,
  openRuns: [],
  firing: ['episode/1'],
  runs: [],
  climbs: [],
  parked: [],
  chain: emptyChain,
};

function turn(before: Incident, mail: readonly IncidentMail[], nowMs = 1000): Turn {
  const next = advance(
    before,
    mail.map((one) => ({ mail: one, atMs: nowMs })),
    { nowMs, policy },
  );
  return { ...next, incident: readIncident({ ...next.incident, chain: { n: before.chain.n + next.entries.length, hash: 'x' } }) };
}
const texts = ({ entries }: Turn): readonly unknown[] => entries.map(({ data }) => data['text']);
const paged = ({ pages }: Turn): readonly string[] => pages.map(({ action, target, before = [] }) => `${action} ${target} (${before.join(', ')})`);
const tell = (what: PagerMail['what'], more: Partial<PagerMail> = {}): PagerMail => ({ kind: 'pager', what, target: 'primary', ...more });

const escalate: IncidentMail = { kind: 'escalate', key: 'k', ladder: 'default', reason: 'nobody decided' };
const acknowledge: IncidentMail = { kind: 'acknowledge', by: 'ana', surface: 'pagerduty', person: true };
const unacknowledged: IncidentMail = { kind: 'unacknowledged', by: 'the acknowledgement in PagerDuty ran out', surface: 'pagerduty' };
const called = (): Incident => turn(fresh, [escalate]).incident;

test('a page that made no incident pages the next rung at once; the one above keeps its time', () => {
  const nobody = turn(called(), [tell('nobody', { withinMs: 60_000 })], 61_000);
  expect(texts(nobody)).toEqual(['PagerDuty took the page for primary and made no incident within 1m: paging secondary', 'paged secondary: nobody decided']);
  expect(paged(nobody)).toEqual(['trigger secondary (primary)']);
  // Its rung would have been due by now: it is not paged twice.
  expect(paged(turn(nobody.incident, [], 901_000))).toEqual([]);
  expect(paged(turn(nobody.incident, [], 1_801_000))).toEqual(['trigger command (primary, secondary)']);
});

test('at the top of the ladder it says whom to call by hand, and a refusal says why', () => {
  const top = turn(called(), [], 1_801_000).incident;
  expect(texts(turn(top, [tell('nobody', { target: 'command', withinMs: 60_000 })]))).toEqual([
    'PagerDuty took the page for command and made no incident within 1m: nobody is left above on the ladder. Call by hand: command',
  ]);
  expect(texts(turn(called(), [tell('refused', { reason: 'it answered 400' })]))).toEqual([
    'PagerDuty does not take the page for primary (it answered 400): paging secondary',
    'paged secondary: nobody decided',
  ]);
});

test('what became of a page is no news behind an answer, and calls nobody more', () => {
  const answered = turn(called(), [acknowledge]).incident;
  for (const what of ['nobody', 'refused', 'called', 'waits'] as const) expect(turn(answered, [tell(what)])).toMatchObject({ entries: [], pages: [] });
});

test.each<[PagerMail, string]>([
  [tell('called', { who: ['Ana', 'Ben'], number: 12 }), 'PagerDuty calls Ana, Ben for primary: incident #12'],
  [tell('called'), 'PagerDuty calls its people for primary: its incident'],
  [tell('escalated', { who: ['Ben'], number: 12 }), 'PagerDuty calls Ben for primary: incident #12 is escalated'],
  [tell('taken'), 'PagerDuty took the page for primary'],
  [
    tell('waits', { sinceMs: 0, reason: 'it answered 503', who: ['Ana'], onCallMs: 60_000 }),
    'PagerDuty takes no pages since 1970-01-01 00:00:00 UTC (it answered 503): the page for primary waits. Call by hand: Ana (on call for primary at 1970-01-01 00:01:00 UTC)',
  ],
  [tell('unsure', { reason: 'it answered 401' }), 'PagerDuty took the page for primary; whether it calls anybody could not be asked: it answered 401'],
])('%o in words', (mail, words) => {
  expect(texts(turn(called(), [mail]))).toEqual([words]);
});

test('an acknowledgement that does not hold: people are called again, from the rung above the last, with a line', () => {
  const answered = turn(called(), [acknowledge], 60_000).incident;
  const again = turn(answered, [unacknowledged, unacknowledged], 600_000);
  expect(texts(again)).toEqual(['People are called again: the acknowledgement in PagerDuty ran out']);
  expect(again.dueMs).toBe(600_000 + 900_000);
  expect(paged(turn(again.incident, [], 1_500_000))).toEqual(['trigger secondary (primary)']);
});

test('a cause that is gone since, or an incident that is closed, calls nobody again', () => {
  const answered = turn(called(), [acknowledge]).incident;
  const gone = turn(answered, [{ kind: 'calm', key: 'k' }]).incident;
  expect(turn(gone, [unacknowledged])).toMatchObject({ entries: [], pages: [] });
  const closed = turn(answered, [{ kind: 'close', by: 'ana', surface: 'cli', reason: 'done' }]).incident;
  expect(turn(closed, [unacknowledged])).toMatchObject({ entries: [], pages: [] });
});

test('news that come late and out of order: what happened last counts', () => {
  const ranOut = turn(called(), [{ ...unacknowledged, pagerMs: 500 }]).incident;
  const late = turn(ranOut, [{ ...acknowledge, pagerMs: 400 }]);
  expect(late).toMatchObject({ entries: [], pages: [] });
  expect(late.incident.climbs[0]?.stoppedMs).toBeUndefined();
  const answered = turn(late.incident, [{ ...acknowledge, pagerMs: 600 }]).incident;
  expect(answered.climbs[0]?.stoppedMs).toBeDefined();
  expect(turn(answered, [{ ...unacknowledged, pagerMs: 500 }]).entries).toEqual([]);
});

test('what a run did is a change, and what was decided a note where somebody was called: neither wakes anybody', () => {
  const told = (type: string, text: string): IncidentMail => ({ kind: 'run', run: 'run/a-1', n: 1, type, text, state: 'executing', facts: {} });
  const aside = (incident: Incident) =>
    turn(incident, [told('approval.granted', 'Approved 3f9a by ana'), told('step.done', 'cordon is done'), told('step.progress', 'half')]).pages.map(
      ({ action, summary, details }) => [action, summary, details['run']],
    );
  expect(aside(fresh)).toEqual([['change', 'cordon is done: T', 'run/a-1']]);
  expect(aside(called())).toEqual([
    ['note', 'Salvor: Approved 3f9a by ana', 'run/a-1'],
    ['change', 'cordon is done: T', 'run/a-1'],
  ]);
});

test('an acknowledgement that comes hours late answers no call that began after it', () => {
  const second = turn(called(), [{ ...escalate, key: 'another' }], 7_200_000).incident;
  const late = turn(second, [{ ...acknowledge, pagerMs: 600_000 }], 7_300_000);
  expect(late.incident.climbs.map(({ key, stoppedMs }) => [key, stoppedMs])).toEqual([
    ['k', 7_300_000],
    ['another', undefined],
  ]);
  expect(texts(late)).toContain('Nobody more is called by ladder "default": ana answered');
});

test('whoever voted by a note is answered by a note, and a proposal that comes while somebody is called carries its code', () => {
  const answered = turn(called(), [{ kind: 'note', by: 'ana', surface: 'pagerduty', text: 'approve 7QK2', reply: 'Approved 3f9a01c2 by ana' }]);
  expect(texts(answered)).toEqual(['ana: approve 7QK2']);
  expect(answered.pages).toMatchObject([{ action: 'note', summary: 'Salvor: Approved 3f9a01c2 by ana' }]);

  const facts = { digest: 'd'.repeat(64), typed: true };
  const proposed: IncidentMail = { kind: 'run', run: 'run/a-1', n: 3, type: 'run.proposed', text: 'Proposed', state: 'proposed', facts };
  const told = (pagerVotes: boolean) =>
    advance(called(), [{ mail: proposed, atMs: 1000 }], { nowMs: 1000, policy: { ...policy, pagerVotes } }).pages.map(({ summary }) => summary);
  expect(told(true)).toEqual([expect.stringMatching(/^Salvor: Proposed\. To approve: a note "approve [2-9A-Z]{4} WORD" here/)]);
  expect(told(false)).toEqual([]);
});

test('who may vote by now is asked to help where somebody is called: by their ids in the pager, and nobody whom it does not know', () => {
  const people = [
    { name: 'cleo', pagerduty: 'P0CLEO', teams: ['incident-command'] },
    { name: 'dora', teams: ['incident-command'] },
    { name: 'ana', pagerduty: 'P0ANA', teams: ['platform'] },
  ];
  const text = 'Nobody decided in time. Now incident-command may approve, too';
  const widened = (facts: JsonObject): IncidentMail => ({ kind: 'run', run: 'run/a-1', n: 9, type: 'approval.widened', text, state: 'proposed', facts });
  const asked = (incident: Incident, facts: JsonObject) =>
    advance(incident, [{ mail: widened(facts), atMs: 1000 }], { nowMs: 1000, policy: { ...policy, people } }).pages.filter(({ action }) => action === 'ask');
  const [page, ...more] = asked(called(), { add: ['incident-command'] });
  expect(more).toEqual([]);
  expect(page).toMatchObject({ target: 'ask', severity: 'info', details: { whom: 'P0CLEO', names: 'cleo' }, summary: expect.stringContaining(text) });
  // Its own page is on its way, and opens the incident that it is about.
  expect(asked(fresh, { add: ['incident-command'], page: 'secondary' })).toHaveLength(1);
  expect(asked(fresh, { add: ['incident-command'] })).toEqual([]);
  expect(asked(called(), { add: ['shop'] })).toEqual([]);
  expect(texts(turn(called(), [tell('asked', { target: 'the decision', who: ['cleo'] })]))).toEqual(['PagerDuty asks cleo to help with the decision']);
  expect(texts(turn(called(), [tell('not-asked', { target: 'the decision', who: ['cleo'], reason: 'it answered 400' })]))).toEqual([
    'PagerDuty asked nobody to help with the decision (it answered 400). Call by hand: cleo',
  ]);
});
