import type { RunView } from '../../../src/port/view/run.ts';
import type { SalvorApi } from '../../e2e/stage/salvor.ts';
import type { Ground } from './ground.ts';
import type { Load, Target } from './load.ts';

/** What its journal says of a run that nothing disturbed; how often somebody looked is left out. */
const LOOKS = new Set(['step.progress', 'run.trouble', 'write.intent', 'write.outcome', 'run.joined', 'alert.resolved', 'proposal.stays', 'approval.refused']);

/** One thing that is not as it would be without a kill. */
export type Wrong = { readonly is: 'lost' | 'twice' | 'wrong'; readonly words: string };

const lost = (words: string): Wrong => ({ is: 'lost', words });
const twice = (words: string): Wrong => ({ is: 'twice', words });
const odd = (words: string): Wrong => ({ is: 'wrong', words });
/** More or fewer of something than there should be. */
const counted = (is: number, should: number, words: string): readonly Wrong[] => (is === should ? [] : [is < should ? lost(words) : twice(words)]);

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
export async function judge({ targets, ground, load, api, runs, undisturbed }: Judged): Promise<readonly Wrong[]> {
  const wrong: Wrong[] = [];
  const creations = ground.cluster.world.writes();
  for (const target of targets) {
    const { schedule, decision } = target;
    const all = await runs(schedule);
    wrong.push(...counted(all.length, 1, `${schedule}: ${all.length} runs`));
    const [run] = all;
    if (run === undefined) continue;
    const objects = (run.plan?.steps ?? []).flatMap(({ changes }) => changes.map(({ object }) => `create ${object}`));
    const made = creations.filter((line) => objects.includes(line)).length;
    wrong.push(...counted(made, decision === 'approve' ? 1 : 0, `${schedule}: written ${made} times, ${decision}`));
    if (linesOf(run) !== undisturbed.get(kindOf(target))) wrong.push(odd(`${schedule}: ${linesOf(run)}`));
    if (run.journal.some(({ n }, at) => n !== at + 1)) wrong.push(odd(`${schedule}: the journal has a gap`));
    if (run.openIntents.length > 0) wrong.push(odd(`${schedule}: an intent is open`));
  }
  const approved = targets.filter(({ decision }) => decision === 'approve').length;
  wrong.push(...counted(creations.length, approved, `${creations.length} writes in all, ${approved} approved`));

  const { accepted, handled, pending, quarantined } = await api.ledger();
  if (accepted !== handled || pending !== 0 || quarantined !== 0) wrong.push(odd(`the ledger: ${accepted} accepted, ${handled} handled, ${pending} pending`));
  wrong.push(...(await missing(api, load)));
  const { attempts } = load.sent();
  if (accepted > attempts) wrong.push(twice(`the ledger: ${accepted} accepted, ${attempts} sent`));
  const { ok, problems } = await api.audit();
  if (!ok) wrong.push(odd(`the audit: ${problems.map(({ reason }) => reason).join('; ')}`));
  return wrong;
}

/** Alerts that were answered 200 and that the ledger does not know. */
export async function missing(api: Pick<SalvorApi, 'ledger'>, load: Pick<Load, 'sent'>): Promise<readonly Wrong[]> {
  // Asked in this order: what is acknowledged meanwhile is no loss.
  const { acknowledged } = load.sent();
  const { accepted } = await api.ledger();
  return accepted < acknowledged ? [lost(`the ledger: ${accepted} accepted, ${acknowledged} acknowledged`)] : [];
}
