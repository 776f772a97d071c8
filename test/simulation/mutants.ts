import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A bug to be planted: in each of these files exactly this text becomes that one, when the file is loaded. The files themselves stay as they are. */
export type Mutant = {
  readonly id: string;
  readonly words: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
};

const ROOT = join(import.meta.dirname, '../..');

export const MUTANTS: readonly Mutant[] = [
  {
    id: 'no-fence',
    words: 'who lost a run goes on writing it',
    edits: [
      {
        file: 'src/run/session.ts',
        from: "guards: [{ is: 'held', id, epoch, seq }, ...guards],",
        to: "guards: [{ is: 'room', count: 'nothing', add: 0, limit: 1 }, ...guards],",
      },
    ],
  },
  {
    id: 'early-ack',
    words: 'a webhook is acknowledged before it is stored',
    edits: [
      {
        file: 'test/simulation/store-link.ts',
        from: "accept: (webhook) => ask('accept', () => stored(inner.accept(webhook), tell)),",
        to: "accept: async (webhook) => { ask('accept', () => stored(inner.accept(webhook), tell)).catch(() => undefined); return { id: '' }; },",
      },
    ],
  },
  {
    id: 'early-settle',
    words: 'a webhook leaves the inbox before it is folded',
    edits: [
      {
        file: 'src/pipeline.ts',
        from: 'const waitsForFinder = await foldArrivals(intake, arrivals);',
        to: 'await settle(intake, arrivals.map((one) => ({ ...one, quarantined: one.read.quarantined }))); const waitsForFinder = await foldArrivals(intake, arrivals);',
      },
    ],
  },
  {
    id: 'approve-the-run',
    words: 'a yes is for the run, whatever its plan is by now',
    edits: [
      { file: 'src/approval/decide.ts', from: 'if (vote.plan !== digest)', to: 'if (vote.plan === "")' },
      { file: 'src/command/approve.ts', from: 'if (current !== undefined && !isCurrent) throw', to: 'if (current === "") throw' },
    ],
  },
  {
    id: 'vote-twice',
    words: 'two votes of one person are two people',
    edits: [
      {
        file: 'src/run/state/vote.ts',
        from: 'if (approval.votes.some((earlier) => earlier.by === by && (earlier.breakGlass !== undefined || breakGlass === undefined))) return turn(run);',
        to: '',
      },
      { file: 'src/run/state/vote.ts', from: '[...approval.votes.filter((earlier) => earlier.by !== by), cast]', to: '[...approval.votes, cast]' },
      { file: 'src/approval/slot.ts', from: 'of new Map(people.map((one) => [one.name, one])).values()) place', to: 'of people) place' },
      { file: 'src/command/approve.ts', from: 'if (isCurrent && voted !== undefined && (', to: 'if (current === "" && voted !== undefined && (' },
    ],
  },
  {
    id: 'no-intent',
    words: 'a write goes out without being announced',
    edits: [
      { file: 'src/run/writer.ts', from: 'taking: { run: announced(now, state, key), drafts: known ? [] : [line] },', to: 'taking: { run: now, drafts: [] },' },
    ],
  },
  {
    id: 'blind-repeat',
    words: 'what may have happened is done again without a look',
    edits: [
      { file: 'src/run/perform/step.ts', from: "if (action.onUnknown === 'ask' && isOpen(session.run(), planned))", to: "if (action.id === '')" },
      {
        file: 'src/run/perform/step.ts',
        from: "if (action?.kind === 'remediation' && action.onUnknown === 'ask' && isOpen(run, planned)",
        to: "if (action?.kind === 'remediation' && action.id === '' && isOpen(run, planned)",
      },
    ],
  },
  {
    id: 'deaf-to-pause',
    words: 'a pause is not asked for between the gate and the write',
    edits: [{ file: 'src/run/writer.ts', from: 'guards: [...(isHere ? switches : []), ...budgets],', to: 'guards: budgets,' }],
  },
  {
    id: 'deaf-to-freeze',
    words: 'a freeze by hand holds nothing',
    edits: [
      {
        file: 'src/gate/freeze.ts',
        from: 'if (last === undefined) return admit;\n  const { name, by',
        to: "if (last === undefined || last.name !== '') return admit;\n  const { name, by",
      },
      { file: 'src/run/writer.ts', from: '[...pauseGuards(run.playbook), ...freezeGuards()]', to: 'pauseGuards(run.playbook)' },
    ],
  },
  {
    id: 'deaf-to-hold',
    words: 'enough votes start what somebody holds',
    edits: [
      {
        file: 'src/run/state/vote.ts',
        from: 'if (approval.held !== undefined)\n    return turn(voted',
        to: "if (approval.held?.by === '')\n    return turn(voted",
      },
    ],
  },
  {
    id: 'kept-votes',
    words: 'a yes that was taken back still counts',
    edits: [
      {
        file: 'src/run/state/vote.ts',
        from: 'const votes = approval.votes.filter((one) => one.by !== by);',
        to: "const votes = approval.votes.filter((one) => one.by !== '');",
      },
    ],
  },
  {
    id: 'early-unlock',
    words: 'the locks are given back behind the first step',
    edits: [
      {
        file: 'src/run/session.ts',
        from: '        ...changes,\n      ],',
        to: "        ...changes,\n        ...(next.locked && next.steps.some((step) => step.phase === 'done') ? next.lockKeys.map((key) => ({ do: 'delete' as const, id: `lock/${key}` })) : []),\n      ],",
      },
    ],
  },
  {
    id: 'say-it-again',
    words: 'a message that was given out is not recorded',
    edits: [
      {
        file: 'src/notify/outbox.ts',
        from: 'rest = rest.slice(taken);',
        to: "if (outgoing.to !== 'chat' || outgoing.message.kind !== 'timeline' || delivered > 0) rest = rest.slice(taken);",
      },
    ],
  },
  {
    id: 'stale-facts',
    words: 'what an approval rests on is not looked at again',
    edits: [
      { file: 'src/run/perform/step.ts', from: 'if (changed.length > 0) return', to: "if (changed.includes('')) return" },
      { file: 'src/run/perform/start.ts', from: 'if (now.digest !== run.plan.digest)', to: "if (now.digest === '')" },
    ],
  },
  {
    id: 'lose-mail',
    words: 'mail that came while a record was held wakes nobody when it is let go',
    edits: [
      {
        file: 'src/store/oracle/commit.ts',
        from: "if (change.do === 'put' && hasMail(state, op.partition, change.id))",
        to: "if (change.do === 'put' && change.id === '' && hasMail(state, op.partition, change.id))",
      },
    ],
  },
  {
    id: 'drop-adopt',
    words: 'a message of which nobody knows whether it is there is posted again without a look',
    edits: [
      {
        file: 'src/notify/outbox.ts',
        from: 'if (lane.intent !== undefined && rest.length > 0) {',
        to: "if (lane.intent !== undefined && lane.incident === '') {",
      },
    ],
  },
  {
    id: 'thread-order',
    words: 'what comes goes before what waits already',
    edits: [
      {
        file: 'src/notify/queue.ts',
        from: '[...lane.waiting.map((outgoing) => ({ outgoing })), ...mailed]',
        to: '[...mailed, ...lane.waiting.map((outgoing) => ({ outgoing }))]',
      },
    ],
  },
  {
    id: 'remote-lock',
    words: 'what a run locks in another cluster is not taken there',
    edits: [
      {
        file: 'src/run/locks.ts',
        from: '  for (const cluster of clustersElsewhere(run)) {\n    const hold',
        to: "  for (const cluster of clustersElsewhere(run).filter((name) => name === '')) {\n    const hold",
      },
    ],
  },
  {
    id: 'second-channel',
    words: "an incident's own channel is made again where nobody heard that it was made",
    edits: [
      { file: 'src/notify/channel/make.ts', from: 'if (isRepeat && intent?.name === name) {', to: "if (isRepeat && intent?.name === '') {" },
      { file: 'src/notify/channel/make.ts', from: 'if (own !== undefined) return opened(lane, own);\n    const taken', to: 'const taken' },
    ],
  },
  {
    id: 'looks-elsewhere',
    words: "what was to be said in an incident's own channel is looked for in the one place for all",
    edits: [{ file: 'src/notify/look-for.ts', from: 'defined({ root, after, channel })', to: 'defined({ root, after })' }],
  },
  {
    id: 'asks-for-ever',
    words: "in an incident's own channel a proposal asks for a yes when it is decided",
    edits: [
      {
        file: 'src/incident/channel.ts',
        from: "said.flatMap((one): readonly Outgoing[] => (one.to === 'chat' ? [{ ...one, inside }] : []));",
        to: "said.flatMap((one): readonly Outgoing[] => (one.to === 'chat' && (one.message.kind !== 'approval' || one.message.approval?.over === undefined) ? [{ ...one, inside }] : []));",
      },
    ],
  },
];

/** Plants a bug in all that is loaded from now on. Throws where the text is not there exactly once: the bug has to be written anew. */
export function plant(id: string, among: readonly Mutant[] = MUTANTS): void {
  const mutant = among.find((one) => one.id === id);
  if (mutant === undefined) throw new Error(`There is no bug "${id}" to plant; there are ${among.map((one) => one.id).join(', ')}`);
  const texts = new Map<string, string>();
  for (const { file, from, to } of mutant.edits) {
    const path = join(ROOT, file);
    const text = texts.get(path) ?? readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${id}: ${file} does not say exactly once: ${from}`);
    texts.set(
      path,
      text.replace(from, () => to),
    );
  }
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const planted = url.startsWith('file:') ? texts.get(fileURLToPath(url)) : undefined;
      return planted === undefined ? loaded : { ...loaded, source: planted };
    },
  });
}
