import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import type { IncidentSummary } from '../../../src/port/view/incident.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { boardView, closedBoard } from '../../../src/slack/board/view.ts';
import { whichIncidentModal } from '../../../src/slack/note/shortcut.ts';
import { checkView } from '../../../src/world/slack/blocks/check.ts';

const HOSTILE = [
  '<!channel> <@U0ANA>',
  '<https://evil.example.test|Approve>',
  '``` end',
  '\u202Egnp\u200B',
  '\uD83D',
  '👩‍🚒'.repeat(300),
  '&'.repeat(4000),
  'x'.repeat(100_000),
  '',
];
const text = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: 'binary', maxLength: 60 }));
const id = fc.constant('3f9a01c2abcdabcd-1');
const run = fc
  .record({ target: text, reason: text, word: fc.option(text, { nil: undefined }), risk: fc.constantFrom('reversible' as const, 'destructive' as const) })
  .map(
    ({ target, reason, word, risk }): RunView =>
      ({
        id: '3f9a01c2abcdabcd-1',
        playbook: 'restore-namespace',
        cluster: 'prod',
        target,
        state: 'proposed',
        generation: 1,
        hold: { gate: 'window', reason },
        incident: '70ee629dabcdabcd-1',
        createdAt: 0,
        digest: 'd1'.repeat(32),
        params: {},
        diagnosis: {},
        facts: {},
        evidence: [],
        changed: [],
        approvals: [],
        steps: [],
        answers: [],
        locks: [],
        locked: false,
        openIntents: [],
        clocks: { detectMs: 0, decideMs: 0, actMs: 0, proveMs: 0, peopleMs: 0, cleanupMs: 0 },
        journal: [],
        plan: { digest: 'd1'.repeat(32), risk, stage: 'run', generation: 1, steps: [] },
        approval: { asks: reason, asked: 0, expires: 0, notRequester: false, may: ['ana'], votes: [], ...(word === undefined ? {} : { confirmation: word }) },
      }) as unknown as RunView,
  );
const incident = fc
  .record({ id, title: text, cluster: text, lead: text })
  .map((of): IncidentSummary => ({ ...of, state: 'open', severity: 'SEV1', openedAt: 0, firing: 1, openRuns: 1 }));
const said = fc.record({ run: id, playbook: text, target: text, state: text, at: fc.nat(), text });
const cluster = fc.record({
  cluster: text,
  looked: fc.option(said, { nil: undefined }),
  failing: fc.array(said, { maxLength: 8 }),
  drill: fc.option(said, { nil: undefined }),
});
const pause = fc.record({ cluster: text, by: text, reason: text, since: fc.nat() });
const frozen = fc.record({ cluster: text, name: text, by: text, reason: text, since: fc.nat(), until: fc.nat() });
const board = fc.record({
  overview: fc.record({
    mine: fc.array(run, { maxLength: 8 }),
    others: fc.array(run, { maxLength: 8 }),
    isCut: fc.boolean(),
    incidents: fc.record({ items: fc.array(incident, { maxLength: 12 }), next: fc.option(fc.constant('c'), { nil: undefined }) }),
    pauses: fc.record({ items: fc.array(pause, { maxLength: 30 }), freezes: fc.array(frozen, { maxLength: 30 }) }),
  }),
  posture: fc.record({ clusters: fc.array(cluster, { maxLength: 9 }) }),
  person: fc.option(text, { nil: undefined }),
  slackId: fc.constant('U0ANA'),
  rights: fc.subarray(['read', 'run', 'pause', 'supersede', 'configure'] as const),
  teams: fc.array(text, { maxLength: 30 }),
  site: fc.constantFrom(undefined, 'https://salvor.example.com'),
});
const OURS = /<https:\/\/salvor\.example\.com\/[^<>|\s]*\|Console>/g;

function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => (name === 'text' && typeof one === 'string' ? [one] : textsOf(one)));
}

test('whatever is on the board, Slack takes it, it has at most 60 blocks, and nothing in it pings or links', { timeout: 60_000 }, () => {
  let ids = 0;
  fc.assert(
    fc.property(board, (of) => {
      const view: JsonObject = JSON.parse(JSON.stringify(boardView(of, 1_000_000)));
      expect(checkView(view, () => `b${(ids += 1)}`)).toMatchObject({ ok: true });
      expect((view['blocks'] as readonly unknown[]).length).toBeLessThanOrEqual(60);
      for (const shown of textsOf(view['blocks'])) expect(shown.replaceAll(OURS, '')).not.toMatch(/[<>]/);
    }),
    { numRuns: 150 },
  );
});

test('whatever an incident is called, the form that asks which one is taken by Slack', () => {
  let ids = 0;
  fc.assert(
    fc.property(fc.array(incident, { maxLength: 120 }), text, (items, why) => {
      for (const view of [whichIncidentModal(items, { channel: 'C0DR', ts: '1.000001' }), closedBoard(why.slice(0, 10) || 'x')])
        expect(checkView(JSON.parse(JSON.stringify(view)), () => `b${(ids += 1)}`)).toMatchObject({ ok: true });
    }),
  );
});
