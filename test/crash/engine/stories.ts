import type { Policy } from '../../../src/model/policy.ts';
import { isOpen } from '../../../src/model/run.ts';
import { type Around, stage } from '../../scenario/engine/stage.ts';
import { policy as sample } from '../../unit/run/samples.ts';

export type Stage = Awaited<ReturnType<typeof stage>>;

/** A story that is told by somebody who looks every now and then, and does what is due: so it can be told around any crash. */
export type Story = {
  readonly name: string;
  readonly playbook: string;
  readonly clusters: readonly string[];
  readonly policy?: Partial<Policy>;
  readonly begin: (on: Stage) => Promise<string>;
  /** Called again and again with the run as it stands. */
  readonly look: (on: Stage, id: string) => Promise<void>;
};

const auto = { approvals: { ...sample.approvals, auto: [{ action: 'test.set', limit: { count: 9, perMs: 3_600_000 } }] } };

/** Presses once for each proposal. */
function presses() {
  const pressed = new Set<string>();
  return async (on: Stage, id: string): Promise<void> => {
    const run = await on.run(id);
    const digest = run.plan?.digest ?? '';
    if (run.state !== 'proposed' || pressed.has(digest)) return;
    pressed.add(digest);
    for (const person of run.plan?.risk === 'destructive' ? ['ana', 'cleo'] : ['ana']) await on.approve(id, person, 'thing');
  };
}

/** Everything that goes well: a wait, a settling, rounds, work that goes on by itself, two clusters, an await, a question, what is always undone. */
export function wellStory(): Story {
  const press = presses();
  let looks = 0;
  let answered = false;
  return {
    name: 'goes well',
    clusters: ['prod', 'west'],
    policy: auto,
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: calm, settle: 5s, steps: [{ id: lamp, action: test.set, with: { name: lamp, to: on }, undo: always }] }
  - id: work
    steps:
      - { id: one, action: test.write }
      - { id: prune, action: test.clean }
      - { id: far, action: test.write, cluster: west, with: { prefix: far }, undo: always }
      - { id: three, action: test.march }
      - { id: begin, action: test.begin }
    verify: [{ id: proof, action: test.ready, with: { name: proof } }]
  - { id: back, await: { action: test.ready, within: 1h, every: 5s } }
  - { id: sure, ask: { text: Sure?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 1h } }
  - { id: last, steps: [{ id: last, action: test.write, with: { prefix: last, level: { from: checks.back.level } } }] }
`,
    async begin(on) {
      on.set('finding', { kind: 'wait' });
      on.set('lamp', { state: 'off' });
      for (const name of ['a', 'b', 'c', 'd']) on.set(name, {}, { labels: { old: 'yes' } });
      on.sim().faults.add({ give: 'unavailable', kind: 'ConfigMap', name: 'finding', times: 1 });
      return on.start('thing', { locks: [{ kind: 'Cluster', value: 'west' }] });
    },
    async look(on, id) {
      looks += 1;
      const run = await on.run(id);
      if (looks > 2) on.unset('finding');
      await press(on, id);
      if (run.steps.some(({ phase }) => phase === 'observing')) on.set('outcome', { state: 'done' });
      if (run.state === 'verifying' && run.stage === 1) on.set('proof', { level: '1' });
      if (run.waiting?.what === 'await') on.set('ready', { level: '4' });
      if (run.waiting?.what === 'ask' && !answered) {
        answered = true;
        await on.answer(id, 'sure', true);
      }
    },
  };
}

/** What was done does not help: everything is undone again, in both clusters. */
export function illStory(): Story {
  const press = presses();
  return {
    name: 'does not help',
    clusters: ['prod', 'west'],
    playbook: `
stages:
  - { id: first, steps: [{ id: lamp, action: test.set, with: { name: lamp, to: on } }, { id: three, action: test.march }] }
  - { id: second, cluster: west, steps: [{ id: far, action: test.write, with: { prefix: far } }] }
  - { id: third, steps: [{ id: one, action: test.write }] }
`,
    async begin(on) {
      on.set('lamp', { state: 'dim' });
      on.set('helps', { state: 'no' });
      return on.start();
    },
    async look(on, id) {
      await press(on, id);
    },
  };
}

/** A fact changes between two steps, so a second proposal is made and cancelled: two generations are undone. */
export function voidStory(): Story {
  const press = presses();
  let cancelled = false;
  return {
    name: 'is proposed again and cancelled',
    clusters: ['prod'],
    playbook: `
stages:
  - id: do
    onFailure: propose
    steps: [{ id: one, action: test.write }, { id: two, action: test.begin, undo: never }, { id: three, action: test.write, with: { prefix: three } }]
`,
    begin: (on) => on.start(),
    async look(on, id) {
      const run = await on.run(id);
      if (run.generation === 2 && run.state === 'proposed' && !cancelled) {
        cancelled = true;
        await on.cancel(id);
      }
      if (run.generation === 1) await press(on, id);
      if (run.steps.some(({ phase }) => phase === 'observing')) {
        on.set('base', {});
        on.set('outcome', { state: 'done' });
      }
    },
  };
}

/** The outcome of a write is not known, and a person who looked says what happened. */
export function unknownStory(): Story {
  const press = presses();
  let settled = 0;
  return {
    name: 'is settled by a person',
    clusters: ['prod'],
    playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.flip }] }]',
    async begin(on) {
      on.set('switch', { flips: '0' });
      on.sim().faults.add({ give: 'lost-reply', verb: 'patch', times: 1 });
      return on.start();
    },
    async look(on, id) {
      await press(on, id);
      const run = await on.run(id);
      if (run.waiting?.what !== 'settle-step' || settled === run.chain.n) return;
      settled = run.chain.n;
      await on.tell(id, { kind: 'settle', by: 'ana', surface: 'api', step: 'one', as: on.get('switch', 'flips') === '0' ? 'not-done' : 'done' });
    },
  };
}

/** A stage of each kind, and in them a step of each `undo`, in two clusters, work that goes on by itself, and what cannot be undone. */
export function everyKind(): Story {
  const pressed = new Set<string>();
  let [looks, answered] = [0, false];
  return {
    name: 'has a stage of each kind',
    clusters: ['prod', 'west'],
    policy: { approvals: { ...sample.approvals, auto: [{ action: 'test.set', limit: { count: 9, perMs: 3_600_000 } }] } },
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: calm, settle: 5s, steps: [{ id: lamp, action: test.set, with: { name: lamp, to: on }, undo: always }] }
  - id: work
    steps:
      - { id: one, action: test.write }
      - { id: kept, action: test.write, with: { prefix: kept }, undo: always }
      - { id: left, action: test.write, with: { prefix: left }, undo: never }
      - { id: far, action: test.write, cluster: west, with: { prefix: far } }
      - { id: begin, action: test.begin }
    verify: [{ action: test.ready, with: { name: proof } }]
  - { id: back, await: { action: test.ready, within: 1h, every: 5s } }
  - { id: sure, ask: { text: Sure?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 1h } }
  - { id: last, steps: [{ id: last, action: test.write, with: { prefix: last } }] }
`,
    async begin(on) {
      on.set('finding', { kind: 'wait' });
      on.set('lamp', { state: 'dim' });
      on.sim().faults.add({ give: 'unavailable', kind: 'ConfigMap', name: 'finding', times: 1 });
      return on.start('thing', { locks: [{ kind: 'Cluster', value: 'west' }] });
    },
    async look(on, id) {
      looks += 1;
      const run = await on.run(id);
      if (looks > 2) on.unset('finding');
      const digest = run.plan?.digest ?? '';
      if (run.state === 'proposed' && !pressed.has(digest)) {
        pressed.add(digest);
        await on.approve(id);
      }
      if (run.steps.some(({ phase }) => phase === 'observing')) on.set('outcome', { state: 'done' });
      if (run.state === 'verifying' && run.stage === 1) on.set('proof', { level: '1' });
      if (run.waiting?.what === 'await') on.set('ready', { level: '4' });
      if (run.waiting?.what === 'ask' && !answered) {
        answered = true;
        await on.answer(id, 'sure', true);
      }
    },
  };
}

export type Told = { readonly on: Stage; readonly id: string };

/** Tells a story to its end; whoever drives it is replaced when it dies. */
export async function tellStory(story: Story, around: (start: number) => Around, isDead: () => boolean): Promise<Told> {
  const { playbook, clusters, policy } = story;
  const on = await stage({ playbook, clusters, around, ...(policy === undefined ? {} : { policy }) });
  const id = await story.begin(on);
  for (let look = 0; look < 60 && isOpen((await on.run(id)).state); look += 1) {
    if (isDead()) on.restart();
    await story.look(on, id);
    await on.clock.pass(4000);
  }
  return { on, id };
}
