import { Cron } from 'croner';
import { DateTime } from 'luxon';
import { errorText } from '../model/error.ts';
import { admit, type Decision, type Hold } from '../model/gate.ts';
import type { Window } from '../model/policy.ts';

/** Whether a window is open, until when it then is, and else when it opens; never again: no time. */
export type Opening = { readonly kind: 'open'; readonly untilMs: number } | { readonly kind: 'closed'; readonly opensMs?: number };

/**
 * Where windows are configured for a cluster and playbook, changes wait for one to be open.
 * A window lasts elapsed time: one of 4h stays 4h when the clocks change inside it. A start that the change of clocks skips is moved behind the gap.
 */
export function window(run: { readonly cluster: string; readonly playbook: string }, windows: readonly Window[], nowMs: number): Decision {
  const covering = windows.filter((one) => covers(one.clusters, run.cluster) && covers(one.playbooks, run.playbook));
  if (covering.length === 0) return admit;
  const openings = covering.map((one) => ({ one, opening: tryOpening(one, nowMs) }));
  let next: { readonly one: Window; readonly opensMs: number } | undefined;
  for (const { one, opening } of openings) {
    if (opening.kind === 'hold') return opening;
    if (opening.kind === 'closed' && opening.opensMs !== undefined && (next === undefined || opening.opensMs < next.opensMs))
      next = { one, opensMs: opening.opensMs };
  }
  if (openings.some(({ opening }) => opening.kind === 'open')) return admit;
  if (next === undefined)
    return {
      kind: 'hold',
      gate: 'window',
      reason: `outside every window of ${run.cluster}, and none opens again: ${covering.map((one) => one.name).join(', ')}`,
    };
  const { name, timeZone } = next.one;
  const opens = DateTime.fromMillis(next.opensMs, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm');
  return { kind: 'hold', gate: 'window', reason: `outside every window of ${run.cluster}: "${name}" opens ${opens} ${timeZone}`, untilMs: next.opensMs };
}

/** Throws for a pattern or time zone that nobody knows. */
export function openingOf(one: Pick<Window, 'cron' | 'timeZone' | 'lastsMs'>, nowMs: number): Opening {
  // The first start whose window has not ended by now. Starts are strictly after the moment asked from, so a window that ends this very moment is closed.
  const start = new Cron(one.cron, { timezone: one.timeZone }).nextRun(new Date(nowMs - one.lastsMs))?.getTime();
  if (start === undefined) return { kind: 'closed' };
  return start <= nowMs ? { kind: 'open', untilMs: start + one.lastsMs } : { kind: 'closed', opensMs: start };
}

function tryOpening(one: Window, nowMs: number): Opening | Hold {
  try {
    return openingOf(one, nowMs);
  } catch (error) {
    return { kind: 'hold', gate: 'window', reason: `window "${one.name}" cannot be evaluated: ${errorText(error)}` };
  }
}

function covers(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name);
}
