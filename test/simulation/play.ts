import { createHash } from 'node:crypto';
import { readFreezes } from '../../src/gate/freeze.ts';
import { freezeId } from '../../src/model/identity.ts';
import { isOpen } from '../../src/model/run.ts';
import { type Commit, INBOX } from '../../src/port/store.ts';
import { basesOf } from './bases.ts';
import { happen, mend, type Stage } from './happen.ts';
import { people as peopleOf } from './people.ts';
import type { Script } from './script.ts';
import { BLAST_RADIUS, CLUSTERS } from './site.ts';
import { openSite, type Site } from './stage.ts';
import { judgeEnd, leftOver } from './watch/end.ts';
import { journalWatch } from './watch/journals.ts';
import { ledgerWatch } from './watch/ledger.ts';
import { messageWatch } from './watch/messages.ts';
import { pagesWatch } from './watch/pages.ts';
import { runWatch } from './watch/runs.ts';
import { slackWatch } from './watch/slack.ts';
import type { Scene } from './watch/watch.ts';
import { writeWatch } from './watch/writes.ts';
import { watches as newWatches } from './watches.ts';

export type Violation = { readonly invariant: string; readonly words: string; readonly atMs: number };

export type History = {
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** Of every task in its order: the same seed has the same. */
  readonly hash: string;
  readonly tasks: number;
  readonly commits: number;
  readonly writes: number;
  readonly faults: ReadonlyMap<string, number>;
  /** What the runs ended as. */
  readonly ends: readonly string[];
};

const LOOK_MS = 5000;
/** Behind the faults, a history has so long to come to its end. */
const LONGEST_END_MS = 1.5 * 3_600_000;
/** A history of more tasks asks for the same again and again. */
const MOST_TASKS = 200_000;

/** Plays a script to its end, or to the first thing that must not be. `told` hears every task. */
export async function play(script: Script, told: (line: string) => void = () => {}): Promise<History> {
  const watches = newWatches();
  const site = openSite(script, watches);
  const { loop, state, world } = site;
  const people = peopleOf(site);
  let violation: Violation | undefined;
  let rough = true;
  let tasks = 0;
  const seenWrites = new Map<string, number>();
  const hash = createHash('sha256');
  const broken: Scene['broken'] = (invariant, words) => {
    violation ??= { invariant, words, atMs: Math.floor(loop.nowMs()) };
  };
  const bases = basesOf(site);
  const scene: Scene = { state, basesSince: bases.since, nowMs: loop.nowMs, presses: site.presses, platform: script.platform, broken };
  const writes = writeWatch(scene);
  watches.times = writes.times;
  for (const watch of [ledgerWatch(scene), journalWatch(scene), runWatch(scene, BLAST_RADIUS), writes, messageWatch(scene, watches)]) watches.listen(watch);
  const pages = pagesWatch(scene, site.services);
  watches.listen(pages);
  if (site.services !== undefined) watches.listen(slackWatch(scene, site.services.slack, watches));
  watches.listen({ committed: (by, commit) => told(`      ${by} stores ${wordsOf(commit)}`) });
  const stage: Stage = { site, people, armed: [], accepted: [], isRough: () => rough, met: watches.met, wentBack: watches.wentBack, seed: script.seed };

  const seen = (what: string): boolean => {
    tasks += 1;
    hash.update(`${loop.nowMs()} ${what}\n`);
    if (what === 'world') bases.note();
    told(`${(loop.nowMs() / 1000).toFixed(4)} ${what}`);
    for (const cluster of CLUSTERS) {
      // Only a request to its API server writes there.
      if (!what.includes(`${cluster}.`) && what !== 'stranger') continue;
      const { writes: all } = world.cluster(cluster).record();
      for (const { line, userAgent, changed } of all.slice(seenWrites.get(cluster) ?? 0)) {
        told(`      ${cluster}: ${line} by ${userAgent}${changed ? '' : ' (no change)'}`);
        hash.update(line);
        watches.wrote({ cluster, line, by: userAgent, changed });
      }
      seenWrites.set(cluster, all.length);
    }
    for (const armed of stage.armed.slice()) {
      if (!what.startsWith(`${armed.of}#`) || --armed.left > 0) continue;
      stage.armed.splice(stage.armed.indexOf(armed), 1);
      armed.fire();
    }
    if (tasks > MOST_TASKS) broken('nothing spins', `${tasks} tasks, and no end`);
    return violation !== undefined;
  };

  for (const name of script.programs) site.start(name);
  for (const one of script.happenings) loop.after(one.atMs, one.kind, () => happen(stage, one));
  await loop.pass(script.lastsMs, seen);
  rough = false;
  mend(stage);
  for (let passedMs = 0; passedMs < LONGEST_END_MS && violation === undefined; passedMs += LOOK_MS) {
    // Webhooks and starts of the end may still be under way.
    if (passedMs >= 30_000 && leftOver(state).length === 0) break;
    if (passedMs % 30_000 === 0) for (const name of script.programs) site.start(name);
    if (passedMs % 15_000 === 0) void tidy(stage);
    await loop.pass(LOOK_MS, seen);
  }
  if (violation === undefined) await judgeEnd({ scene, store: site.store(), site, accepted: stage.accepted, forgot: watches.forgot() });
  if (violation === undefined) pages.judge({ incidents: site.incidents(), runs: site.runs() });
  for (const { replica } of site.living()) replica.kill();
  const { commits, writes: made } = watches.counts;
  const ends = site.runs().map(({ state: end }) => end);
  return { seed: script.seed, violation, hash: hash.digest('hex'), tasks, commits, writes: made, faults: watches.faults, ends };
}

/** What diligent people do behind the faults: nothing stays paused, frozen, held or unanswered, and a node that was emptied is given back. */
async function tidy({ people, site }: Stage): Promise<void> {
  for (const record of site.state.records.values()) {
    if (record.kind !== 'pause' || record.partition === INBOX) continue;
    if (record.id === freezeId()) {
      for (const { name } of readFreezes(JSON.parse(record.value)))
        await people.ask('ana', (commands, caller) => commands.unfreeze(caller, { cluster: record.partition, name }));
      continue;
    }
    const playbook = record.id.startsWith('pause/playbook/') ? { playbook: record.id.slice('pause/playbook/'.length) } : {};
    await people.ask('ana', (commands, caller) => commands.resume(caller, { cluster: record.partition, ...playbook }));
    await people.ask('ana', (commands, caller) => commands.resume(caller, playbook));
  }
  await people.releaseAll('ana');
  const worked = new Set(site.runs().flatMap(({ state, target }) => (isOpen(state) ? [target] : [])));
  for (const name of ['w1', 'w2'].filter((one) => !worked.has(one) && isCordoned(site, one))) site.world.apply({ nodes: [{ name, cordoned: false }] });
  for (const by of ['ana', 'ben', 'cleo', 'dora']) await people.doWhatIsAsked(by);
}

function isCordoned({ world }: Site, name: string): boolean {
  const spec: unknown = world.cluster().snapshot().get(`Node/${name}`)?.['spec'];
  return typeof spec === 'object' && spec !== null && Reflect.get(spec, 'unschedulable') === true;
}

/** A commit in one line, for people who read a history. */
function wordsOf({ partition, changes }: Commit): string {
  const words = changes.flatMap((change) => {
    if (change.do === 'put')
      return [
        `${change.id}${change.kind === 'run' ? ` ${change.indexed?.['state'] ?? ''} ${change.indexed?.['held'] ?? ''}` : ''}${change.release === true ? ' (let go)' : ''}`,
      ];
    if (change.do === 'append') return change.entries.map(({ n, type }) => `${n} ${type}`);
    if (change.do === 'mail') return [`mail to ${change.to}: ${change.key}`];
    if (change.do === 'count') return [`${change.id} ${change.add > 0 ? '+' : ''}${change.add}`];
    return change.do === 'delete' ? [`no ${change.id}`] : [];
  });
  return `in ${partition}: ${words.join(', ')}`;
}
