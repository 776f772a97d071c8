import { DEFAULT_NAMESPACE } from '../domain/velero/kinds.ts';
import { sha256 } from '../model/digest.ts';
import { canonical, type Json, type JsonObject } from '../model/json.ts';
import type { Playbook } from '../model/playbook.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt, suggestion } from '../model/problem.ts';
import { cronFault, timeZoneFault } from './cron.ts';
import { parseParam } from './params.ts';

/** What a site says about one playbook without copying its file. */
export type PlaybookSettings = {
  readonly schedule?: { readonly cron?: string; readonly timeZone?: string; readonly clusters?: 'all' | readonly string[] };
  /** Defaults of parameters. */
  readonly params?: { readonly [name: string]: Json };
};

type Said = { readonly settings: { readonly [playbook: string]: PlaybookSettings }; readonly veleroNamespace?: string | undefined };

/** What a site says about one playbook: what it says of all that work with Velero, and before that what it says of this one. Undefined: nothing. */
export function settingsFor({ id, params }: Playbook, { settings, veleroNamespace }: Said): PlaybookSettings | undefined {
  const own = Object.hasOwn(settings, id) ? settings[id] : undefined;
  const worksWithVelero = params['namespace']?.default === DEFAULT_NAMESPACE;
  if (veleroNamespace === undefined || !worksWithVelero) return own;
  return { ...own, params: { namespace: veleroNamespace, ...own?.params } };
}

export type Applied = { readonly playbook: Playbook; readonly problems: readonly Problem[] };

/** Puts a site's settings over a playbook. The text stays as it is; the digest is of both. */
export function applySettings(playbook: Playbook, settings: PlaybookSettings, at: { readonly positionOf: PositionOf; readonly path: FieldPath }): Applied {
  const problems: Problem[] = [];
  const put = (path: FieldPath, message: string, what: 'key' | 'value' = 'value'): void => {
    problems.push(problemAt(at.positionOf, { path: [...at.path, ...path], message, what }));
  };
  const params = { ...playbook.params };
  for (const [name, value] of Object.entries(settings.params ?? {})) {
    const param = Object.hasOwn(playbook.params, name) ? playbook.params[name] : undefined;
    const parsed = param === undefined ? undefined : parseParam(param, value);
    if (param === undefined || parsed === undefined)
      put(['params', name], `${playbook.id} has no parameter ${name}.${suggestion(name, Object.keys(playbook.params))}`, 'key');
    else if (parsed.ok) params[name] = { ...param, default: parsed.value };
    else put(['params', name], parsed.reason);
  }
  const schedule = mergeSchedule(playbook, settings, put);
  const digest = sha256(`${playbook.text}\n${canonical(settingsJson(settings))}`);
  return { playbook: { ...playbook, params, ...(schedule === undefined ? {} : { schedule }), digest }, problems };
}

function mergeSchedule(playbook: Playbook, { schedule }: PlaybookSettings, put: (path: FieldPath, message: string) => void): Playbook['schedule'] {
  if (schedule === undefined) return playbook.schedule;
  const cron = schedule.cron ?? playbook.schedule?.cron;
  if (cron === undefined) {
    put(['schedule'], `missing cron: ${playbook.id} has no schedule of its own`);
    return playbook.schedule;
  }
  const timeZone = schedule.timeZone ?? playbook.schedule?.timeZone ?? 'UTC';
  const wrongCron = cronFault(cron);
  const wrongZone = timeZoneFault(timeZone);
  if (wrongCron !== undefined) put(['schedule', 'cron'], wrongCron);
  if (wrongZone !== undefined) put(['schedule', 'timeZone'], wrongZone);
  const clusters = schedule.clusters ?? playbook.schedule?.clusters ?? 'all';
  return { cron, timeZone, clusters: clusters === 'all' ? clusters : [...clusters] };
}

function settingsJson({ schedule, params }: PlaybookSettings): JsonObject {
  return { schedule: schedule === undefined ? undefined : { ...schedule }, params: params === undefined ? undefined : { ...params } };
}
