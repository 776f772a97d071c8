import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNoteVote } from '../../src/approval/code.ts';
import { parseConfig } from '../../src/config.ts';
import { advance } from '../../src/incident/advance.ts';
import { emptyChain } from '../../src/model/entry.ts';
import type { Incident } from '../../src/model/incident.ts';
import type { IncidentMail, PagerMail } from '../../src/model/mail.ts';
import { problemText } from '../../src/model/problem.ts';

const paper = readFileSync(join(import.meta.dirname, '../../docs/pagerduty.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...paper.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

const config = () => {
  const parsed = parseConfig(blocks('yaml')[0] ?? '', { file: 'salvor.yaml', environment: {} });
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed;
};

test('the configuration that the page shows is right, and warned of by nothing', () => {
  expect(config().warnings.map(problemText)).toEqual([]);
});

const START: Incident = {
  id: 'incident/a-1',
  key: 'k',
  ordinal: 1,
  cluster: 'prod',
  playbook: 'backup-failed',
  title: 'T',
  state: 'open',
  severity: 'SEV1',
  openedMs: 0,
  openRuns: [],
  firing: ['episode/1'],
  runs: [],
  climbs: [],
  parked: [],
  chain: emptyChain,
};
const NIGHT_MS = Date.UTC(2026, 10, 21, 3, 1, 12);
const primary = 'platform-primary';
const mail = (what: PagerMail['what'], more: Partial<PagerMail> = {}): PagerMail => ({ kind: 'pager', what, target: primary, ...more });
const escalate: IncidentMail = { kind: 'escalate', key: 'k', ladder: 'default', reason: 'nobody decided' };
const acknowledge: IncidentMail = { kind: 'acknowledge', by: 'ana', surface: 'pagerduty', person: true };
const unacknowledged: IncidentMail = { kind: 'unacknowledged', by: 'the acknowledgement in PagerDuty ran out', surface: 'pagerduty' };
const top = 'incident-command';

/** What the timeline says of this news, each heard behind a page that was sent so long ago. */
function said(news: readonly IncidentMail[], afterMs = 0): readonly unknown[] {
  const { policy } = config().config;
  const turn = (before: Incident, of: readonly IncidentMail[], nowMs: number) =>
    advance(
      before,
      of.map((one) => ({ mail: one, atMs: nowMs })),
      { nowMs, policy },
    );
  const begun = turn(START, [escalate], NIGHT_MS);
  const later = turn(begun.incident, [], NIGHT_MS + afterMs);
  return [...begun.entries, ...turn(later.incident, news, NIGHT_MS + afterMs).entries].map(({ data }) => data['text']);
}

test('every line that the page shows is one that Salvor says', () => {
  const lines = new Set([
    ...said([mail('called', { who: ['Ana'], number: 12 })]),
    ...said([mail('nobody', { withinMs: 60_000 })]),
    ...said([mail('refused', { reason: 'it answered 400' })]),
    ...said([mail('nobody', { target: top, withinMs: 60_000 })], 1_800_000),
    ...said([mail('unsure', { reason: 'it answered 401' })]),
    ...said([mail('escalated', { target: 'platform-secondary', who: ['Ben'], number: 12 })]),
    ...said([mail('joined', { target: 'platform-secondary', number: 12 })]),
    ...said([acknowledge, unacknowledged]),
    ...said([mail('waits', { sinceMs: NIGHT_MS, reason: 'it answered 503', who: ['Ana'], onCallMs: Date.UTC(2026, 10, 21, 2, 58) })]),
  ]);
  const shown = blocks('text').flatMap((block) => block.trim().split('\n'));
  expect(shown.length).toBeGreaterThan(8);
  expect(shown.filter((line) => !lines.has(line))).toEqual([]);
});

test('every note that the page shows is a vote', () => {
  const votes = blocks('note')
    .flatMap((block) => block.trim().split('\n'))
    .map(readNoteVote);
  expect(votes).toEqual([
    { verb: 'approve', code: '7QK2' },
    { verb: 'approve', code: '7QK2', rest: 'shop' },
    { verb: 'reject', code: '7QK2', rest: 'the storage is being replaced' },
  ]);
});
