import { incidentKey } from '../ingest/incident.ts';
import { digest } from '../model/digest.ts';
import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import { suggestion } from '../model/problem.ts';
import type { Start } from '../model/run.ts';
import type { Caller, Commands, StartRequest } from '../port/commands.ts';
import type { StoredRecord } from '../port/store.ts';
import { Started } from '../port/view/run.ts';
import type { RoutePlaybook } from '../route/choose.ts';
import { type ParamProblem, problemsText, readParams } from '../route/params.ts';
import { readTargets } from '../route/target.ts';
import { type Begun, beginRun } from '../run/begin-run.ts';
import { settingsOf } from '../run/intake.ts';
import type { Asked } from '../run/start.ts';
import { personWith } from './access.ts';
import { clusterFor } from './cluster-for.ts';
import { type CommandDeps, playbooksOf } from './deps.ts';
import { dryRunView } from './dry-run-view.ts';

/** Starts runs by hand, for real or dry. */
export function starting(deps: CommandDeps): Pick<Commands, 'startRun' | 'dryRun'> {
  return {
    async startRun(caller, request) {
      const wish = readWish(deps, caller, request);
      const { playbook, cluster, given, start, key } = wish;
      if (key === undefined) return answerOf(wish, await beginRun(deps.intake, { cluster, playbook, given, start }));
      const reply = await takeKey(deps, wish, key);
      // A request that found no answer is sent again with its key, whatever became of the run meanwhile.
      if (reply.answer !== undefined) return reply.answer;
      const answer = answerOf(wish, await beginRun(deps.intake, { cluster, playbook, given, start, once: key.id }));
      const put = { do: 'put', id: key.id, kind: 'reply', value: { request: key.request, answer: { ...answer } } } as const;
      await deps.store.commit({ partition: cluster, opId: deps.ids.next(), guards: [{ is: 'seq', id: key.id, seq: reply.seq }], changes: [put] });
      return answer;
    },

    async dryRun(caller, request) {
      const asked = await askedFor(deps, readWish(deps, caller, request));
      return dryRunView(asked, await deps.rehearsePlan(asked), deps.actions);
    },
  };
}

/** Each parameter that is wrong is in the details under `params.` and its name, for forms that have a place for it. */
function invalid(reason: string, problems: readonly ParamProblem[] = []): SalvorError {
  return new SalvorError('request.invalid', reason, { details: Object.fromEntries(problems.map(({ param, text }) => [`params.${param}`, text])) });
}

/** Under which the answer is kept, and what was asked with it. */
type Key = { readonly id: string; readonly request: string };

type Wish = {
  readonly playbook: RoutePlaybook;
  readonly cluster: string;
  readonly given: JsonObject;
  readonly start: Extract<Start, { by: 'person' }>;
  readonly key: Key | undefined;
};

function readWish(deps: CommandDeps, caller: Caller, { playbook: id, params, reason, ...rest }: StartRequest): Wish {
  const person = personWith(caller, 'run', deps.policy());
  const playbook = deps.intake.catalog().find((one) => one.playbook.id === id);
  if (playbook === undefined) {
    const known = playbooksOf(deps).map((one) => one.id);
    throw new SalvorError('playbook.unknown', `There is no playbook "${id.slice(0, 80)}".${suggestion(id, known)}`);
  }
  const cluster = clusterFor(deps, { playbook: playbook.playbook, params, cluster: rest.cluster });
  const name = rest.idempotencyKey;
  const request = digest({ playbook: id, cluster, params, reason });
  const key = name === undefined ? undefined : { id: `reply/start/${digest({ person, key: name })}`, request };
  return { playbook, cluster, given: params, start: { by: 'person', person, surface: caller.surface, reason }, key };
}

function answerOf({ playbook: { playbook } }: Wish, begun: Begun): Started {
  if (begun.kind === 'invalid') throw invalid(begun.reason, begun.problems);
  if (begun.kind === 'refused')
    throw new SalvorError('request.conflict', begun.reason.replaceAll(begun.run, shortId(begun.run)), { details: { run: shortId(begun.run) } });
  const runs = [...begun.runs, ...begun.joined].map(shortId);
  const joined = begun.runs.length === 0;
  const names = runs.join(', ');
  return {
    run: runs[0] ?? '',
    runs,
    joined,
    incident: shortId(begun.incident),
    text: joined ? `${names} does this already` : `Started ${playbook.id}: ${names}`,
  };
}

/** Takes the person's key for this request, or finds what was answered under it. */
async function takeKey({ store, ids }: CommandDeps, { cluster }: Wish, key: Key): Promise<{ readonly seq: number; readonly answer?: Started }> {
  const put = { do: 'put', id: key.id, kind: 'reply', value: { request: key.request } } as const;
  const taken = await store.commit({ partition: cluster, opId: ids.next(), guards: [{ is: 'absent', id: key.id }], changes: [put] });
  const record = taken.kind === 'done' ? undefined : await store.get(cluster, key.id);
  return record === undefined ? { seq: 1 } : earlier(record, key);
}

function earlier({ seq, value }: StoredRecord, key: Key): { readonly seq: number; readonly answer?: Started } {
  const kept = isObject(value) ? value : {};
  if (kept['request'] !== key.request) throw new SalvorError('request.conflict', 'This Idempotency-Key was used for another request');
  const answer = Started.safeParse(kept['answer']).data;
  return answer === undefined ? { seq } : { seq, answer };
}

/** What a run would be asked to do; of several targets the first. */
async function askedFor({ intake, clock }: CommandDeps, { playbook: { playbook, defaults }, cluster, given, start }: Wish): Promise<Asked> {
  const { namespaces, repeatIntervalMs } = settingsOf(intake, cluster);
  const source = { cluster, namespaces, given, ...(defaults === undefined ? {} : { defaults }) };
  const read = (found?: JsonObject): JsonObject => {
    const result = readParams(playbook, found === undefined ? source : { ...source, found });
    if (!result.ok) throw invalid(problemsText(result.problems), result.problems);
    return result.params;
  };
  const finds = playbook.find === undefined ? [{}] : await intake.findTargets({ playbook, cluster, labels: [], params: read() });
  if ('failed' in finds) throw new SalvorError('request.conflict', `${playbook.id} could not look for what to work on: ${finds.failed}`);
  const [found] = finds;
  if (found === undefined) throw new SalvorError('request.conflict', `${playbook.id} looked for what to work on, and found nothing`);
  const params = read(found);
  const targets = readTargets(playbook, { cluster, params, found });
  if ('absent' in targets) throw new SalvorError('request.invalid', `${playbook.id} needs a target, and nothing is at ${targets.absent}`);
  const incident = incidentKey(playbook, { cluster, labels: [], params });
  return { playbook, cluster, ...targets, params, found, incident, start, nowMs: clock.nowMs(), repeatIntervalMs };
}
