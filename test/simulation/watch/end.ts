import { verifyAudit } from '../../../src/command/verify.ts';
import { readLock } from '../../../src/gate/lock.ts';
import { channelLaneId, episodeId } from '../../../src/model/identity.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { labelsDigest, makeLabels } from '../../../src/model/label.ts';
import { isOpen, type Run } from '../../../src/model/run.ts';
import { INBOX, LEDGER, type Store } from '../../../src/port/store.ts';
import { keyOf, type OracleState } from '../../../src/store/oracle/state.ts';
import { approveButtons, placesIn, threadIn } from '../slack/posts.ts';
import type { Site } from '../stage.ts';
import { isEmptyLane, orderProblem } from './messages.ts';
import { isFurnished, judgeOwnChannels } from './own-channels.ts';
import type { Scene } from './watch.ts';

/** Ends of which people must have heard. */
export const UNWELL: ReadonlySet<string> = new Set(['failed', 'rolled-back', 'handed-over', 'expired']);

/** What is not over yet: empty where everything is told, delivered, and every run has ended. */
export function leftOver(state: OracleState): readonly string[] {
  const left: string[] = [];
  for (const record of state.records.values()) {
    const { kind, id, partition } = record;
    if (kind === 'inbox') left.push(`${id} is pending`);
    if (kind === 'run' && isOpen(runOf(record.value).state)) left.push(standing(runOf(record.value)));
    if (kind === 'lane' && !isEmptyLane(JSON.parse(record.value))) left.push(`${id} has messages left`);
    if (kind === 'lane' && id.startsWith(channelLaneId('')) && !isFurnished(JSON.parse(record.value))) left.push(`${id} is not furnished`);
    if (kind === 'incident' && incidentOf(record.value).parked.length > 0) left.push(`${id} has episodes at rest`);
    if (kind === 'incident' && incidentOf(record.value).climbs.some(({ stoppedMs, walked }) => stoppedMs === undefined && walked === 0))
      left.push(`${id} calls nobody yet`);
    const unread = state.mail.get(keyOf(partition, id))?.length ?? 0;
    if (unread > 0) left.push(`${id} has ${unread} unread`);
    if (record.owner !== undefined && (kind === 'run' || kind === 'incident' || kind === 'lane')) left.push(`${id} is held by ${record.owner}`);
  }
  return left;
}

function standing({ id, playbook, state, hold, waiting, dueMs, trouble, doing, steps }: Run): string {
  const why = hold?.reason ?? waiting?.reason ?? trouble?.reason ?? steps.findLast(({ progress }) => progress !== undefined)?.progress ?? '';
  return `${id} (${playbook}) is ${state} ${doing ?? ''}, due ${dueMs === undefined ? 'never' : new Date(dueMs).toISOString()}: ${why}`;
}

type Ending = {
  readonly scene: Scene;
  readonly store: Store;
  readonly site: Site;
  /** Labels of the alerts of every webhook that somebody took. */
  readonly accepted: readonly Labels[];
  /** The store has forgotten something that it acknowledged. */
  readonly forgot: boolean;
};
type Labels = { readonly [name: string]: string };

/** What must be true when the faults have stopped, time has passed, and nothing is left to do. */
export async function judgeEnd({ scene, store, site, accepted, forgot }: Ending): Promise<void> {
  const { state, broken } = scene;
  const left = leftOver(state);
  if (left.length > 0) broken('everything comes to an end', left.join('\n'));
  const counted = state.counts.get(keyOf(INBOX, LEDGER.accepted)) ?? 0;
  if (!forgot && counted < accepted.length) broken('an accepted alert is handled', `${accepted.length} alerts were taken, and ${counted} are counted`);
  for (const labels of forgot ? [] : accepted) {
    const id = episodeId(labelsDigest(makeLabels(Object.entries(labels))));
    if (!state.records.has(keyOf(labels['cluster'] ?? 'prod', id))) broken('an accepted alert is handled', `nothing knows ${JSON.stringify(labels)}`);
  }
  const audit = await verifyAudit(store);
  const [problem] = audit.problems;
  if (problem !== undefined) broken('every journal is one chain', `${problem.journal}: ${problem.reason}`);
  for (const { kind, value } of state.records.values()) {
    if (kind === 'incident' && !forgot) judgeThread(incidentOf(value), { scene, site });
    if (kind === 'run') judgeRun(runOf(value), { scene, site, forgot });
  }
  if (site.services !== undefined && site.hasChannels && !forgot) judgeOwnChannels(site.incidents(), site.services.slack, scene);
  if (site.services !== undefined && !forgot) judgeQuestions(site.services, scene);
  judgeLocks(scene, forgot);
}

/** Every run is over: nobody is asked any more, wherever they were. */
function judgeQuestions({ slack }: NonNullable<Site['services']>, { broken }: Scene): void {
  for (const { id, name } of placesIn(slack))
    for (const { run } of approveButtons(slack.messages(id))) broken('what is decided asks nobody', `#${name} still asks for a yes to ${run}`);
}

/**
 * Nothing is held any more. Only where one partition has forgotten and another has not, a run's lock in the other one's cluster may have come back behind
 * the run's end: it is given back by whoever finds it in the way, and until then it stands there.
 */
function judgeLocks({ state, broken }: Scene, forgot: boolean): void {
  const locks = [...state.records.values()].filter(({ kind }) => kind === 'lock');
  const back = locks.filter((lock) => forgot && !state.records.has(keyOf(lock.partition, readLock(lock)?.run ?? '')));
  const left = locks.filter((lock) => !back.includes(lock));
  if (left.length > 0) broken('locks are given back', left.map(({ id, value }) => `${id} ${value}`).join('; '));
  for (const [key, count] of state.counts) {
    const hasBack = back.some(({ partition }) => key.startsWith(keyOf(partition, '')));
    if (/\0(blast|inside)\//.test(key) && count !== 0 && !hasBack) broken('budgets are given back', `${key.replace('\0', ' ')} is ${count}`);
  }
}

type Where = Pick<Ending, 'scene' | 'site'>;

function judgeThread({ id, chain }: Incident, { scene, site: { world, services } }: Where): void {
  const keys = services === undefined ? world.chat.thread(id).map(({ key }) => key) : threadIn(services.slack, id);
  const problem = orderProblem(keys);
  if (problem !== undefined) scene.broken('messages come in order', `${id}: ${problem}`);
  const told = keys.filter((key) => key.includes('/entry/')).length;
  if (told !== chain.n) scene.broken('every message is delivered', `${id}: ${told} of ${chain.n} lines were delivered`);
}

function judgeRun(run: Run, { scene: { broken }, site: { world }, forgot }: Where & { readonly forgot: boolean }): void {
  for (const step of run.steps) {
    const objects = world.cluster(step.planned.cluster).snapshot();
    const begun = step.wrote !== false && step.phase !== 'planned';
    const promised = step.undo === 'always' || (run.closing?.mode === 'rollback' && step.undo === 'on-failure');
    const isOver = ['undone', 'not-undone', 'written-off'].includes(step.phase);
    if (begun && promised && !isOver) broken('what is promised is undone', `${step.step} of ${run.id}, ended ${run.state}, is ${step.phase}`);
    if (step.planned.action !== 'test.write') continue;
    const [made] = step.planned.changes;
    const isThere = made !== undefined && objects.has(made.object);
    if (step.phase === 'undone' && isThere) broken('what is undone is gone', `${made.object} of ${run.id}`);
    // That it was called off and undone may have been forgotten.
    if (step.phase === 'done' && !isThere && !forgot) broken('what is done is there', `${made?.object ?? ''} of ${run.id}`);
  }
}

function runOf(value: string): Run {
  return JSON.parse(value);
}

function incidentOf(value: string): Incident {
  return JSON.parse(value);
}
