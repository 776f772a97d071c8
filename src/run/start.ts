import { z } from 'zod';
import { cooldown } from '../gate/cooldown.ts';
import { lockKey } from '../gate/lock-key.ts';
import { chain, emptyChain } from '../model/entry.ts';
import { runHeadId, runId } from '../model/identity.ts';
import { canonical, type Json, type JsonObject } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';
import type { Playbook } from '../model/playbook.ts';
import { END_STATES, RUN_VERSION, type Run, type Start } from '../model/run.ts';
import type { Change } from '../port/store.ts';
import type { Target } from '../route/target.ts';
import { indexOf } from './session.ts';

/** Which run of a playbook, cluster and target is open, or how the last one ended. */
const Head = z.looseObject({
  ordinal: z.number(),
  openRun: z.string().optional(),
  endedMs: z.number().optional(),
  end: z.enum(END_STATES).optional(),
});
export type RunHead = z.infer<typeof Head>;

export function readRunHead(value: Json | undefined): RunHead {
  return Head.safeParse(value).data ?? { ordinal: 0 };
}

export type Asked = {
  readonly playbook: Playbook;
  readonly cluster: string;
  readonly target: Target;
  readonly locks: readonly Target[];
  readonly params: JsonObject;
  readonly found: JsonObject;
  readonly incident: string;
  readonly start: Start;
  readonly nowMs: number;
  readonly repeatIntervalMs: number;
};

/** `head`: as it is stored now. `open`: parameters of its open run, where the equal-parameter rule asks for them. */
export type Before = { readonly head: RunHead; readonly open?: JsonObject };

export type Started =
  | { readonly kind: 'started'; readonly run: Run; readonly changes: readonly Change[] }
  | { readonly kind: 'joined'; readonly run: string }
  /** A person asked for something else than the open run does. */
  | { readonly kind: 'refused'; readonly run: string; readonly differences: readonly string[] }
  /** The last run ended only just now: look again then, and start if it still fires. */
  | { readonly kind: 'parked'; readonly untilMs: number; readonly reason: string };

/**
 * The run that answers, of which there is at most one open for a playbook, cluster and target: a new one, or the one that is open.
 * The caller commits the changes with a guard on the head, so of two that start at once one joins the other.
 */
export function startRun(asked: Asked, { head, open }: Before): Started {
  const { start, playbook, nowMs } = asked;
  if (head.openRun !== undefined) {
    const differences = start.by === 'person' && open !== undefined ? differencesOf(asked.params, open) : [];
    return differences.length > 0 ? { kind: 'refused', run: head.openRun, differences } : { kind: 'joined', run: head.openRun };
  }
  if (start.by === 'alert' && head.end !== undefined && head.endedMs !== undefined) {
    const ended = { run: runId({ ...nameOf(asked), ordinal: head.ordinal }), end: head.end, endedMs: head.endedMs };
    const rest = cooldown(ended, { cooldownMs: playbook.cooldown, repeatIntervalMs: asked.repeatIntervalMs }, nowMs);
    if (rest.kind === 'hold') return { kind: 'parked', untilMs: rest.untilMs ?? nowMs + playbook.cooldown, reason: rest.reason };
  }
  return begin(asked, head.ordinal + 1);
}

function begin(asked: Asked, ordinal: number): Started {
  const { playbook, cluster, target, params, found, incident, start, nowMs } = asked;
  const id = runId({ ...nameOf(asked), ordinal });
  const facts = { playbook: playbook.id, digest: playbook.digest, cluster, target: target.value, by: start.by, params, found, ...whoOf(start) };
  const { entries, head: journal } = chain(id, emptyChain, [{ type: 'run.queued', atMs: nowMs, data: facts }]);
  const run: Run = {
    id,
    playbook: playbook.id,
    playbookDigest: playbook.digest,
    cluster,
    target: target.value,
    lockKeys: lockKeysOf(asked),
    ordinal,
    incident,
    start,
    params,
    found,
    state: 'queued',
    stage: 0,
    generation: 0,
    diagnosis: {},
    checks: {},
    answers: {},
    measured: {},
    steps: [],
    voids: 0,
    locked: false,
    clusterUids: {},
    openIntents: [],
    refusals: 0,
    createdMs: nowMs,
    dueMs: nowMs,
    chain: journal,
  };
  const told: IncidentMail = {
    kind: 'run',
    run: id,
    n: 1,
    type: 'run.queued',
    text: `${playbook.id} on ${target.value} starts${wordsOf(start)}`,
    state: run.state,
    facts,
  };
  const changes: readonly Change[] = [
    { do: 'put', id, kind: 'run', version: RUN_VERSION, indexed: indexOf(run), dueMs: nowMs, value: run },
    { do: 'append', of: id, entries },
    { do: 'put', id: runHeadId(nameOf(asked)), kind: 'slot', value: { ordinal, openRun: id } },
    { do: 'mail', to: incident, key: `${id}/queued`, value: told },
  ];
  return { kind: 'started', run, changes };
}

/** Belongs into the commit that ends a run: the next start finds no open one, and knows how long to let things rest. */
export function headOfEnded(run: Run): Change {
  const end = END_STATES.find((state) => state === run.state);
  const value = { ordinal: run.ordinal, ...(run.endedMs === undefined ? {} : { endedMs: run.endedMs }), ...(end === undefined ? {} : { end }) };
  return { do: 'put', id: runHeadId(run), kind: 'slot', value };
}

/** What a run locks: its target first, then the others in the order in which locks are taken. */
function lockKeysOf({ cluster, target, locks }: Asked): readonly string[] {
  const first = targetKey(cluster, target);
  const others = locks.map((lock) => targetKey(cluster, lock)).sort();
  return [...new Set([first, ...others])];
}

/** Kubernetes names have no slash but the one behind a namespace; other text is written so that it has none. */
function targetKey(cluster: string, { kind, value }: Target): string {
  if (kind === 'Cluster') return lockKey({ cluster: encodeURIComponent(value), kind, name: value });
  if (kind === 'Target') return lockKey({ cluster, kind, name: encodeURIComponent(value.toWellFormed()) });
  const [namespace, name] = value.split('/');
  return name === undefined ? lockKey({ cluster, kind, name: value }) : lockKey({ cluster, kind, namespace: namespace ?? '', name });
}

function nameOf({ playbook, cluster, target }: Pick<Asked, 'playbook' | 'cluster' | 'target'>): {
  readonly playbook: string;
  readonly cluster: string;
  readonly target: string;
} {
  return { playbook: playbook.id, cluster, target: target.value };
}

/** `keep: 3 instead of 5`, for each parameter in which a request and the open run differ. */
function differencesOf(asked: JsonObject, open: JsonObject): readonly string[] {
  const names = [...new Set([...Object.keys(asked), ...Object.keys(open)])].sort();
  return names.flatMap((name) => {
    const [mine, theirs] = [canonical(asked[name]), canonical(open[name])];
    return mine === theirs ? [] : [`${name}: ${mine} instead of ${theirs}`];
  });
}

function whoOf(start: Start): JsonObject {
  switch (start.by) {
    case 'alert':
      return { episode: start.episode };
    case 'person':
      return { person: start.person, surface: start.surface, reason: start.reason };
    case 'schedule':
      return { slotMs: start.slotMs };
    case 'storm':
      return { runs: [...start.runs] };
    case 'rehearsal':
      return {};
  }
}

function wordsOf(start: Start): string {
  switch (start.by) {
    case 'person':
      return `, asked for by ${start.person}: ${start.reason}`;
    case 'schedule':
      return ' on schedule';
    case 'storm':
      return ` in place of ${start.runs.length} runs of ${start.playbook}`;
    default:
      return '';
  }
}
