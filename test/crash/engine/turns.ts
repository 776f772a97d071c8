import type { RunMail } from '../../../src/model/mail.ts';
import type { Run } from '../../../src/model/run.ts';
import { policy as sample } from '../../unit/run/samples.ts';
import type { Stage, Story } from './stories.ts';

const SURE = '{ id: sure, ask: { text: Sure?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 1h } }';
const BACK = '{ id: back, await: { action: test.ready, within: 1h, every: 5s } }';
const WORK = '{ id: work, steps: [{ id: one, action: test.write, undo: always }] }';
const CALM = '{ id: calm, settle: 1h, steps: [{ id: lamp, action: test.set, with: { name: lamp, to: on } }] }';
const DO = '{ id: do, onFailure: propose, steps: [{ id: one, action: test.write }, { id: two, action: test.begin, undo: never }] }';

const CANCEL: RunMail = { kind: 'cancel', by: 'ana', surface: 'api', keep: false, reason: 'enough' };
const LOOK: RunMail = { kind: 'look', why: 'a story' };

/** Does each thing once, however often it is looked at. */
type Once = (key: string, does: () => unknown) => Promise<void>;
type Turning = Pick<Story, 'name'> & {
  readonly stages: readonly string[];
  readonly begin?: (on: Stage) => unknown;
  readonly look?: (on: Stage, seen: { readonly id: string; readonly run: Run; readonly once: Once }) => Promise<void>;
  /** People approve from this generation on. */
  readonly approvedFrom?: number;
};

/** Short ways through a run's life that no shipped playbook goes: what is told is done by whoever looks. */
export function turningStories(): readonly (() => Story)[] {
  return TURNINGS.map((turning) => () => storyOf(turning));
}

const TURNINGS: readonly Turning[] = [
  { name: 'waits, and then asks first', stages: [SURE, WORK], begin: (on) => on.set('finding', { kind: 'wait' }) },
  { name: 'waits, and then waits again', stages: [BACK, WORK], begin: (on) => on.set('finding', { kind: 'wait' }) },
  { name: 'waits first and asks last', stages: [BACK, WORK, SURE] },
  {
    name: 'is cancelled while it settles with nothing begun',
    stages: [CALM, WORK],
    begin: (on) => on.set('lamp', { state: 'off' }),
    look: async (on, { id, run, once }) => (run.waiting?.what === 'settle' ? once('cancel', () => on.tell(id, CANCEL)) : undefined),
  },
  {
    name: 'is cancelled while it settles',
    stages: [WORK, CALM],
    begin: (on) => on.set('lamp', { state: 'off' }),
    look: async (on, { id, run, once }) => (run.waiting?.what === 'settle' ? once('cancel', () => on.tell(id, CANCEL)) : undefined),
  },
  {
    name: 'is cancelled while it waits with work begun',
    stages: [DO],
    async look(on, { id, run, once }) {
      if (isObserving(run)) await once('other', () => turnTo(on, 'wait'));
      if (run.waiting?.what === 'finding') await once('cancel', () => on.tell(id, CANCEL));
    },
  },
  {
    name: 'is well again when it is diagnosed a second time',
    stages: [DO.replace('two, action: test.begin, undo: never', 'two, action: test.begin')],
    look: async (on, { run, once }) => (isObserving(run) ? once('other', () => turnTo(on, 'recovered')) : undefined),
  },
  {
    name: 'is cancelled while nobody knows what happened',
    stages: [WORK, '{ id: flip, steps: [{ id: flip, action: test.flip, undo: never }] }'],
    begin(on) {
      on.set('switch', { flips: '0' });
      on.sim().faults.add({ give: 'lost-reply', verb: 'patch', times: 1 });
    },
    look: async (on, { id, run, once }) => (run.waiting?.what === 'settle-step' ? once('cancel', () => on.tell(id, CANCEL)) : undefined),
  },
  {
    name: 'is approved, and open again, since the yes was taken back before anything began',
    stages: [WORK],
    approvedFrom: Number.POSITIVE_INFINITY,
    async look(on, { id, run, once }) {
      if (run.state !== 'proposed') return;
      if (isTakenBack(await on.journal(id))) return once('again', () => on.approve(id));
      const yes: RunMail = { kind: 'approve', by: 'ana', plan: run.plan?.digest ?? '', surface: 'api' };
      await once('back', () => on.tell(id, yes, { kind: 'withdraw', by: 'ana', surface: 'api' }));
    },
  },
  {
    name: 'is proposed as another plan while people decide',
    stages: [DO],
    approvedFrom: 2,
    async look(on, { id, run, once }) {
      if (isObserving(run)) on.set('outcome', { state: 'done' });
      if (run.state === 'proposed' && run.generation === 1)
        await once('other', async () => {
          on.set('base', {});
          await on.tell(id, LOOK);
        });
    },
  },
];

const isTakenBack = (lines: readonly { readonly type: string }[]): boolean => lines.some(({ type }) => type === 'approval.withdrawn');
const isObserving = ({ steps }: Run): boolean => steps.some(({ phase }) => phase === 'observing');

/** What was planned does not fit any more, and the next diagnosis says something else. */
function turnTo(on: Stage, kind: string): void {
  on.set('base', {});
  on.set('finding', { kind });
  on.set('outcome', { state: 'failed' });
}

function storyOf({ name, stages, begin, look, approvedFrom = 1 }: Turning): Story {
  const done = new Set<string>();
  const once: Once = async (key, does) => {
    if (done.has(key)) return;
    done.add(key);
    await does();
  };
  let looks = 0;
  return {
    name,
    clusters: ['prod'],
    policy: { approvals: { ...sample.approvals, auto: [{ action: 'test.set', limit: { count: 9, perMs: 3_600_000 } }] } },
    playbook: `diagnose: [{ id: look, action: test.look }]\nstages:\n${stages.map((stage) => `  - ${stage}`).join('\n')}\n`,
    async begin(on) {
      begin?.(on);
      return on.start();
    },
    async look(on, id) {
      looks += 1;
      const run = await on.run(id);
      const digest = run.plan?.digest ?? '';
      await look?.(on, { id, run, once });
      if (looks > 2 && on.get('finding', 'kind') === 'wait' && run.steps.length === 0) on.unset('finding');
      if (run.waiting?.what === 'await') on.set('ready', { level: '4' });
      if (run.waiting?.what === 'ask') await once('answer', () => on.answer(id, 'sure', true));
      if (run.state === 'proposed' && looks > 1 && run.generation >= approvedFrom) await once(digest, () => on.approve(id));
    },
  };
}
