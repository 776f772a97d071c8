import type { RunView } from '../../../src/port/view/run.ts';
import type { SalvorApi } from '../../e2e/stage/salvor.ts';
import type { Ground } from './ground.ts';
import type { Load, Target } from './load.ts';

/** What its journal says of a run that nothing disturbed; how often somebody looked is left out. */
const LOOKS = new Set(['step.progress', 'run.trouble', 'write.intent', 'write.outcome', 'run.joined', 'alert.resolved', 'proposal.stays', 'approval.refused']);

type Judged = {
  readonly targets: readonly Target[];
  readonly ground: Ground;
  readonly load: Load;
  readonly api: SalvorApi;
  readonly runs: (schedule: string) => Promise<readonly RunView[]>;
  /** The journals of undisturbed runs, by what became of them. */
  readonly undisturbed: ReadonlyMap<string, string>;
};

export const kindOf = ({ by, decision }: Target): string => `${by} ${decision}`;

export const linesOf = ({ journal }: RunView): string =>
  journal
    .map(({ type }) => type)
    .filter((type) => !LOOKS.has(type))
    .join(' ');

/** Everything that is not as it would be without a single kill; empty where nothing was lost and nothing done twice. */
export async function judge({ targets, ground, load, api, runs, undisturbed }: Judged): Promise<readonly string[]> {
  const wrong: string[] = [];
  const creations = ground.cluster.world.writes();
  for (const target of targets) {
    const { schedule, decision } = target;
    const all = await runs(schedule);
    const [run] = all;
    if (all.length !== 1 || run === undefined) {
      wrong.push(`${schedule}: ${all.length} runs`);
      continue;
    }
    const objects = (run.plan?.steps ?? []).flatMap(({ changes }) => changes.map(({ object }) => `create ${object}`));
    const made = creations.filter((line) => objects.includes(line)).length;
    if (made !== (decision === 'approve' ? 1 : 0)) wrong.push(`${schedule}: written ${made} times, ${decision}`);
    if (linesOf(run) !== undisturbed.get(kindOf(target))) wrong.push(`${schedule}: ${linesOf(run)}`);
    if (run.journal.some(({ n }, at) => n !== at + 1)) wrong.push(`${schedule}: the journal has a gap`);
    if (run.openIntents.length > 0) wrong.push(`${schedule}: an intent is open`);
  }
  if (creations.length !== targets.filter(({ decision }) => decision === 'approve').length) wrong.push(`${creations.length} writes in all`);

  const { accepted, handled, pending, quarantined } = await api.ledger();
  const { acknowledged, attempts } = load.sent();
  if (accepted !== handled || pending !== 0 || quarantined !== 0) wrong.push(`the ledger: ${accepted} accepted, ${handled} handled, ${pending} pending`);
  if (accepted < acknowledged || accepted > attempts) wrong.push(`the ledger: ${accepted} accepted, ${acknowledged} acknowledged, ${attempts} sent`);
  const { ok, problems } = await api.audit();
  if (!ok) wrong.push(`the audit: ${problems.map(({ reason }) => reason).join('; ')}`);
  return wrong;
}
