import { SalvorError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { Param, Playbook } from '../model/playbook.ts';
import { nearestOnes, suggestion } from '../model/problem.ts';
import { distance } from '../model/when.ts';
import type { AskChoices, Commands } from '../port/commands.ts';
import { listAll } from '../port/list-all.ts';
import type { ChoiceList } from '../port/view/choice.ts';
import { outOfScope } from '../route/name-scope.ts';
import { settingsOf } from '../run/intake.ts';
import { readRuns } from '../run/stored.ts';
import { assertMayRead } from './access.ts';
import { DRILLS } from './choice/drills.ts';
import { isNamedKind, type Name, namesOf, OF_VELERO } from './choice/names.ts';
import { type Remembered, remember } from './choice/remember.ts';
import { clusterFor } from './cluster-for.ts';
import type { CommandDeps } from './deps.ts';
import { playbookNamed } from './playbook.ts';

/** A list that people look through; a select of Slack has as many. */
const MOST = 100;
const VELERO = 'velero';
const MOST_DRILLS = 200;
const CLUSTER: Param = { type: 'cluster', optional: true };

/** What somebody can choose for a parameter: by its type, of the live cluster where it names something there. Nothing is written. */
export function choices(deps: CommandDeps): Pick<Commands, 'choices'> {
  const names = remember<readonly Name[]>(deps.clock);
  const drills = remember<ReadonlyMap<string, number>>(deps.clock);

  const look = async (
    playbook: Playbook,
    of: { readonly type: Param['type']; readonly cluster: string; readonly params: JsonObject },
  ): Promise<Remembered<readonly Name[]>> => {
    const { type, cluster, params } = of;
    const kube = deps.reader?.(cluster);
    if (!isNamedKind(type) || kube === undefined) return { unknown: '' };
    const namespace = OF_VELERO.has(type) ? veleroOf(deps, playbook, params) : '';
    return names(`${cluster} ${type} ${namespace}`, () => namesOf(type, { kube, namespace }));
  };

  return {
    async choices(caller, asked) {
      assertMayRead(caller);
      const { typed = '', params = {} } = asked;
      const { playbook, param } = paramOf(deps, asked);
      if (param.type === 'cluster') return listOf(clusterChoices(deps), { typed, open: false });
      if (param.choose !== undefined) return listOf(param.choose.map(plainChoice), { typed, open: false });
      if (param.type === 'yes-no') return listOf(['yes', 'no'].map(plainChoice), { typed, open: false });
      if (!isNamedKind(param.type)) return { items: [], exact: false, open: true };

      const cluster = clusterFor(deps, { playbook, params, cluster: asked.cluster });
      const { namespaces: scope } = settingsOf(deps.intake, cluster);
      const restores = isNamespace(param) && Object.values(playbook.params).some(({ type }) => type === 'backup');
      const [found, backups] = await Promise.all([
        look(playbook, { type: param.type, cluster, params }),
        // A namespace that is lost is in no cluster, and still in its backups.
        restores ? look(playbook, { type: 'backup', cluster, params }) : undefined,
      ]);
      const nowMs = deps.clock.nowMs();
      if ('unknown' in found) return { items: [], exact: false, open: true, unknown: `${cluster}: ${found.unknown || 'nobody can be asked'}` };
      const lost = backups === undefined || 'unknown' in backups ? [] : lostOf(found.found, backups.found);
      const source = sourceOf(playbook, params);
      const proven = param.type === 'backup' ? await drills(cluster, () => provenBackups(deps, cluster)) : undefined;
      const all = [...found.found, ...lost];
      const offered = all
        .filter(({ value }) => inScope(param, value, scope))
        .filter(({ holds }) => holds === undefined || source === undefined || holds(source))
        .map(({ value, note }) => ({ value, note: [note(nowMs), provenNote(value, proven, nowMs)].filter((part) => part !== '').join(', ') }));
      const name = OF_VELERO.has(param.type) ? typed.replace(`${veleroOf(deps, playbook, params)}/`, '') : typed;
      const list = listOf(offered, { typed: name, open: restores, ...(asked.limit === undefined ? {} : { limit: asked.limit }) });
      // What there is, is no wrong name, also where it is not offered: why it cannot be had is said later, and better.
      return { ...list, exact: all.some(({ value }) => value === name.trim()), asOf: found.atMs };
    },
  };
}

function paramOf(deps: CommandDeps, { playbook: id, param: name }: AskChoices): { readonly playbook: Playbook; readonly param: Param } {
  const playbook = playbookNamed(deps, id);
  const own = Object.hasOwn(playbook.params, name) ? playbook.params[name] : undefined;
  // Every run has a cluster, whether its playbook asks for one or not.
  const param = own ?? (name === 'cluster' ? CLUSTER : undefined);
  if (param === undefined)
    throw new SalvorError('request.invalid', `${playbook.id} has no parameter "${name.slice(0, 80)}".${suggestion(name, Object.keys(playbook.params))}`);
  return { playbook, param };
}

/** What fits what was typed, in the given order; nothing fits: the nearest. */
function listOf(
  all: ChoiceList['items'],
  { typed, open, limit = MOST }: { readonly typed: string; readonly open: boolean; readonly limit?: number },
): Pick<ChoiceList, 'items' | 'exact' | 'open'> {
  const word = typed.trim().toLowerCase();
  const exact = all.some(({ value }) => value === typed.trim());
  const fitting = all.filter(({ value }) => value.toLowerCase().includes(word));
  const begins = fitting.filter(({ value }) => value.toLowerCase().startsWith(word));
  const best = word === '' ? fitting : [...begins, ...fitting.filter((one) => !begins.includes(one))];
  if (best.length > 0) return { items: best.slice(0, limit), exact, open };
  const near = nearestOnes(
    word,
    all.map(({ value }) => value),
    Math.min(limit, 10),
  );
  return { items: near.flatMap((name) => all.find(({ value }) => value === name) ?? []), exact, open };
}

function plainChoice(value: string): { readonly value: string } {
  return { value };
}

/** The default one first. */
function clusterChoices({ intake }: CommandDeps): ChoiceList['items'] {
  const all = intake.clusters();
  const [usual, others] = [all.filter(({ isDefault }) => isDefault === true), all.filter(({ isDefault }) => isDefault !== true)];
  return [...usual.map(({ name }) => ({ value: name, note: 'the default' })), ...others.map(({ name }) => ({ value: name }))];
}

function isNamespace({ type }: Param): boolean {
  return type === 'namespace';
}

function inScope(param: Param, value: string, scope: Parameters<typeof outOfScope>[1]): boolean {
  const [namespace = '', name] = value.split('/');
  return !(isNamespace(param) || name !== undefined) || outOfScope(namespace, scope) === undefined;
}

/** Namespaces that backups name and the cluster does not have: what somebody wants back. */
function lostOf(live: readonly Name[], backups: readonly Name[]): readonly Name[] {
  const there = new Set(live.map(({ value }) => value));
  const lost = new Set(backups.flatMap(({ namespaces = [] }) => namespaces).filter((name) => !there.has(name)));
  return [...lost].toSorted().map((value) => ({ value, note: () => 'not in the cluster, only in backups' }));
}

/** The namespace that a backup has to hold: the one it is restored from, else the run's target. */
function sourceOf({ params: known, target }: Playbook, params: JsonObject): string | undefined {
  for (const name of ['from', target.from.replace(/^params\./, '')]) {
    const param = Object.hasOwn(known, name) ? known[name] : undefined;
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (param !== undefined && isNamespace(param) && typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** Where Velero lives: as somebody chose, as the site has it, as the playbook has it. */
function veleroOf({ intake }: CommandDeps, { id, params: known }: Playbook, params: JsonObject): string {
  const defaults = intake.catalog().find(({ playbook }) => playbook.id === id)?.defaults;
  const given = [params['namespace'], defaults?.['namespace'], known['namespace']?.default].find((value) => typeof value === 'string' && value !== '');
  return typeof given === 'string' ? given : VELERO;
}

/** When each backup was last restored by a drill that ended well. */
async function provenBackups({ store, intake }: CommandDeps, cluster: string): Promise<ReadonlyMap<string, number>> {
  const playbook = intake.catalog().flatMap(({ playbook: { id } }) => (DRILLS.test(id) ? [id] : []));
  if (playbook.length === 0) return new Map();
  const records = await listAll(store, { partition: cluster, kind: 'run', where: { playbook, state: 'done' }, newestFirst: true }, MOST_DRILLS);
  const proven = new Map<string, number>();
  for (const { diagnosis, endedMs } of readRuns(records))
    for (const { backup } of Object.values(diagnosis))
      if (typeof backup === 'string' && endedMs !== undefined) proven.set(backup, Math.max(endedMs, proven.get(backup) ?? 0));
  return proven;
}

function provenNote(backup: string, proven: Remembered<ReadonlyMap<string, number>> | undefined, nowMs: number): string {
  const atMs = proven === undefined || 'unknown' in proven ? undefined : proven.found.get(backup);
  return atMs === undefined ? '' : `proven by a drill ${distance(atMs, nowMs)}`;
}
