import { beforeEach, expect, test } from 'vitest';
import { press } from '../../../src/command/press.ts';
import type { RunMail } from '../../../src/model/mail.ts';
import type { Run } from '../../../src/model/run.ts';
import { systemIds } from '../../../src/port/ids.ts';
import type { Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';
import { DIGEST, line, proposedRun, putRun } from '../../contract/api/site.ts';

/** What a person is told whose press is read late. Here the test is the run: it says when the mail is read, and what the journal has by then. */
let clock: VirtualClock;
let store: Store;
beforeEach(() => {
  clock = virtualClock();
  store = oracleStore({ clock });
});

const vote = (by: string): Extract<RunMail, { kind: 'approve' }> => ({ kind: 'approve', by, plan: DIGEST, surface: 'slack' });
const approvedBy = (run: Run, by: string, state: Run['state']): Run => {
  if (run.approval === undefined) throw new Error('the run asks nobody');
  const votes = [{ by, plan: DIGEST, surface: 'slack', atMs: clock.nowMs() }];
  return { ...run, state, approval: { ...run.approval, votes, grantedMs: clock.nowMs() } };
};
const grantedTo = (by: string) => [
  line('approval.vote', { by, surface: 'slack', digest: DIGEST }, clock.nowMs()),
  line('approval.granted', { by: [by], digest: DIGEST }, clock.nowMs()),
];
/** The run reads all its mail and says nothing about it. */
async function readAll(run: Run): Promise<void> {
  const upTo = (await store.mail('prod', run.id)).at(-1)?.order ?? 0;
  const { seq = 0 } = (await store.get('prod', run.id)) ?? {};
  const guards = [{ is: 'seq', id: run.id, seq }] as const;
  await store.commit({ partition: 'prod', opId: systemIds.next(), guards, changes: [{ do: 'read', reader: run.id, upTo }] });
}
/** What the press comes to; undefined while it waits. */
function watched(work: Promise<unknown>) {
  const seen: { is?: unknown } = {};
  work.then(
    (value) => {
      seen.is = value;
    },
    (error: unknown) => {
      seen.is = error;
    },
  );
  return seen;
}

test('who came second is told by whom it is approved, also where the run had ended before it read them', async () => {
  const run = await putRun(store, proposedRun(), [line('run.proposed', { digest: DIGEST }, clock.nowMs())]);
  const ben = watched(press({ store, clock, ids: systemIds }, run, vote('ben')));
  await clock.pass(500);
  const ended = await putRun(store, { ...approvedBy(run, 'ana', 'done'), endedMs: clock.nowMs() }, grantedTo('ana'));
  await clock.pass(500);
  // The line that says who approved is not about ben, whose mail is still there.
  expect(ben.is).toBeUndefined();
  await readAll(ended);
  await clock.pass(500);
  expect(ben.is).toMatchObject({ code: 'approval.not-waiting', message: 'It is approved already, by ana; the run ended done' });
});

test('a run that is busy for longer than a moment still answers whoever pressed in Slack; who asked elsewhere hears that it is recorded', async () => {
  const run = await putRun(store, proposedRun(), [line('run.proposed', { digest: DIGEST }, clock.nowMs())]);
  const ana = watched(press({ store, clock, ids: systemIds }, run, vote('ana')));
  const ben = watched(press({ store, clock, ids: systemIds }, run, { ...vote('ben'), surface: 'cli' }));
  await clock.pass(20_000);
  expect(ben.is).toMatchObject({ state: 'recorded', changed: true });
  expect(ana.is).toBeUndefined();
  const approved = await putRun(store, approvedBy(run, 'ana', 'executing'), grantedTo('ana'));
  await readAll(approved);
  await clock.pass(500);
  expect(ana.is).toMatchObject({ changed: true, text: expect.stringMatching(/^Approved .* by ana$/) });
});

test('a vote that was there already changes nothing, and says so', async () => {
  const run = await putRun(store, proposedRun(), [line('run.proposed', { digest: DIGEST }, clock.nowMs())]);
  const again = watched(press({ store, clock, ids: systemIds }, run, vote('ana')));
  await clock.pass(100);
  const approved = await putRun(store, approvedBy(run, 'ana', 'proposed'), []);
  await readAll(approved);
  await clock.pass(500);
  expect(again.is).toMatchObject({ changed: false, text: 'ana has approved this plan already' });
});
