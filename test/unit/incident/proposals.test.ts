import { expect, test } from 'vitest';
import { followProposals } from '../../../src/incident/proposals.ts';
import type { Entry } from '../../../src/model/entry.ts';
import type { JsonObject } from '../../../src/model/json.ts';

const RUN = 'run/a-1';

/** Lines of a timeline as they are numbered. */
function lines(...told: readonly (readonly [type: string, facts: JsonObject, run?: string])[]): readonly Entry[] {
  return told.map(([type, facts, run = RUN], index) => ({
    n: index + 1,
    atMs: 1000 * (index + 1),
    type,
    data: { text: type, run, state: type === 'run.proposed' ? 'proposed' : 'executing', facts },
    hash: '',
  }));
}

const proposed = (digest: string) => ['run.proposed', { digest, asks: 'needs 1' }] as const;
const vote = (by: string, more: JsonObject = {}) => ['approval.vote', { by, surface: 'slack', digest: 'aaaa', ...more }] as const;

test('votes are written on the proposal that they are for, and the yes with who and via what', () => {
  const first = followProposals(undefined, lines(proposed('aaaa'), vote('ana', { missing: '1 of 2: ana; still needs 1 of ic' })));
  expect(first.changed).toMatchObject([{ n: 1, votes: [{ by: 'ana', surface: 'slack', atMs: 2000 }], missing: '1 of 2: ana; still needs 1 of ic' }]);
  const second = followProposals(first.proposals, lines(vote('ben'), ['approval.granted', { by: ['ana', 'ben'], digest: 'aaaa' }]));
  expect(second.changed).toMatchObject([{ n: 1, over: { how: 'approved', text: 'Approved by ana via slack, ben via slack' } }]);
  expect(second.changed[0]?.missing).toBeUndefined();
});

test.each([
  ['rejected', [['approval.rejected', { by: 'ben', surface: 'console', reason: 'not now' }]], 'Rejected by ben via console: not now'],
  ['expired', [['approval.expired', {}]], 'Expired: nobody decided in time, and nothing was changed by this plan'],
  ['ended', [['run.ended', { end: 'recovered', reason: 'the backup is there' }]], 'The run ended recovered: the backup is there'],
  ['replaced', [['run.voided', { changed: ['w1 is back'] }], proposed('bbbb0000cc')], 'The plan changed: w1 is back; proposal bbbb0000 takes its place'],
  ['void', [['run.voided', { changed: ['w1 is back'] }]], 'The plan changed: w1 is back'],
] as const)('a proposal that is %s says why there is nothing to decide', (how, told, text) => {
  const { changed } = followProposals(undefined, lines(proposed('aaaa'), ...told));
  expect(changed[0]?.over).toMatchObject({ how, text });
});

test('an approval that became void says both', () => {
  const { changed } = followProposals(undefined, lines(proposed('aaaa'), ['approval.granted', { by: ['ana'] }], ['run.voided', { changed: ['a pod came'] }]));
  expect(changed[0]?.over).toMatchObject({ how: 'void', text: 'The plan changed: a pod came. The approval is void' });
});

test('who holds it, why and since when is written on it until it is released; the time it then has is its own', () => {
  const held = followProposals(undefined, lines(proposed('aaaa'), ['approval.held', { by: 'ben', surface: 'slack', reason: 'the owner is on the way' }]));
  expect(held.changed).toMatchObject([{ n: 1, held: { by: 'ben', reason: 'the owner is on the way', atMs: 2000 } }]);
  const free = followProposals(held.proposals, lines(['approval.released', { by: 'ana', surface: 'slack', expiresMs: 77 }]));
  expect(free.changed).toMatchObject([{ n: 1, expiresMs: 77 }]);
  expect(free.changed[0]?.held).toBeUndefined();
});

test('a decision stays as it was made when the run ends otherwise, and the run is forgotten', () => {
  const { changed, proposals } = followProposals(
    undefined,
    lines(proposed('aaaa'), ['approval.granted', { by: ['ana'] }], ['run.ended', { end: 'failed', reason: 'x' }]),
  );
  expect(changed[0]?.over?.how).toBe('approved');
  expect(proposals).toEqual([]);
});

test('each run has a proposal of its own; people who were called have until then', () => {
  const { changed, proposals } = followProposals(
    undefined,
    lines(proposed('aaaa'), ['run.proposed', { digest: 'bbbb' }, 'run/b-1'], ['approval.escalated', { expiresMs: 99 }, 'run/b-1']),
  );
  expect(proposals.map(({ run }) => run)).toEqual([RUN, 'run/b-1']);
  expect(changed).toMatchObject([{ run: 'run/b-1', n: 2, expiresMs: 99 }]);
});

test('lines of anything else change nothing', () => {
  expect(followProposals(undefined, lines(['approval.vote', { by: 'ana' }], ['step.done', {}]))).toEqual({ proposals: [], changed: [] });
});
