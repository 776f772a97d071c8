import { when } from '../model/when.ts';
import { PauseList } from '../port/view/operation.ts';
import { type Answer, type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { type Failed, printFailed } from './failed.ts';
import { present } from './present.ts';
import { type Io, paint, printLine, printTable } from './print.ts';

type Scope = { readonly cluster?: string; readonly playbook?: string };
export type PauseOptions = ClientOptions & Scope & { readonly reason: string /** Such as `2h`; absent: until somebody resumes. */; readonly for?: string };
export type ResumeOptions = ClientOptions & Scope;

/** `salvor pause`: from now on nothing is written, until the time is over or somebody resumes. */
export async function pause(options: PauseOptions, context: Context): Promise<number> {
  const { reason, for: forText } = options;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const body = { reason, ...scopeOf(options), ...(forText === undefined ? {} : { for: forText }) };
  const asked = await client.ask('/api/v1/pause', { method: 'POST', body });
  return presentPauses(asked, { options, context, url: client.url }, ({ items }, nowMs) => {
    const mine = items.filter((one) => (options.cluster === undefined || one.cluster === options.cluster) && one.playbook === options.playbook);
    const untilMs = mine[0]?.until;
    const how = untilMs === undefined ? 'until somebody resumes (salvor resume)' : `until ${when(untilMs, nowMs)}`;
    return paint(context.io, 'yellow', `Paused ${scopeWords(options)}: nothing is written ${how}`);
  });
}

/** `salvor resume`: ends a pause of this scope. */
export async function resume(options: ResumeOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const asked = await client.ask('/api/v1/pause', { method: 'DELETE', query: scopeOf(options) });
  return presentPauses(asked, { options, context, url: client.url }, ({ items }) =>
    items.length === 0
      ? paint(context.io, 'green', `Resumed ${scopeWords(options)}: nothing is paused any more`)
      : paint(context.io, 'yellow', `Resumed ${scopeWords(options)}; these pauses stay:`),
  );
}

/** `salvor pauses`: what is paused or frozen now. */
export async function pauses(options: ClientOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  return presentPauses(await client.ask('/api/v1/pause'), { options, context, url: client.url }, ({ items, freezes = [] }) =>
    items.length + freezes.length === 0
      ? paint(context.io, 'green', 'Nothing is paused or frozen')
      : paint(context.io, 'yellow', items.length === 0 ? 'Frozen: nothing but an undo is written' : 'Paused: nothing is written'),
  );
}

type Presenting = { readonly options: ClientOptions; readonly context: Context; readonly url: string };

/** What is paused and frozen, below what was done. */
export function presentPauses(asked: Answer | Failed, about: Presenting, heading: (list: PauseList, nowMs: number) => string): Promise<number> {
  const { io, clock } = about.context;
  return present(asked, {
    ...about,
    schema: PauseList,
    print(list) {
      const nowMs = clock.nowMs();
      printLine(io, heading(list, nowMs));
      printPauses(io, list, nowMs);
    },
  });
}

function printPauses(io: Io, { items, freezes = [] }: PauseList, nowMs: number): void {
  printTable(
    io,
    ['CLUSTER', 'PLAYBOOK', 'BY', 'SINCE', 'UNTIL', 'REASON'],
    items.map(({ cluster, playbook, by, since, until, reason }) => [
      cluster,
      playbook ?? 'every one',
      by,
      when(since, nowMs),
      until === undefined ? 'somebody resumes' : when(until, nowMs),
      reason,
    ]),
  );
  printTable(
    io,
    ['CLUSTER', 'FREEZE', 'BY', 'SINCE', 'UNTIL', 'REASON'],
    freezes.map(({ cluster, name, by, since, until, reason }) => [
      cluster,
      name,
      by ?? 'the configuration',
      when(since, nowMs),
      when(until, nowMs),
      reason ?? '',
    ]),
  );
}

function scopeOf({ cluster, playbook }: Scope): Scope {
  return { ...(cluster === undefined ? {} : { cluster }), ...(playbook === undefined ? {} : { playbook }) };
}

function scopeWords({ cluster, playbook }: Scope): string {
  const what = playbook === undefined ? 'every playbook' : playbook;
  return `${what} on ${cluster === undefined ? 'every cluster' : cluster}`;
}
