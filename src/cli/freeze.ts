import { defined } from '../model/defined.ts';
import { when } from '../model/when.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { presentPauses } from './pause.ts';
import { paint } from './print.ts';

export type UnfreezeOptions = ClientOptions & { readonly name: string; readonly cluster?: string };
export type FreezeOptions = UnfreezeOptions & { readonly reason: string /** Such as `2h` or `18:00`. */; readonly until: string };

/** `salvor freeze`: until then nothing but an undo is written. */
export async function freeze(options: FreezeOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const { name, reason, until, cluster } = options;
  const asked = await client.ask('/api/v1/freezes', { method: 'POST', body: { name, reason, until, ...defined({ cluster }) } });
  return presentPauses(asked, { options, context, url: client.url }, ({ freezes = [] }, nowMs) => {
    const mine = freezes.find((one) => one.name === name.trim() && (cluster === undefined || one.cluster === cluster));
    const end = mine === undefined ? '' : ` until ${when(mine.until, nowMs)}`;
    return paint(context.io, 'yellow', `Frozen ${where(cluster)}: nothing but an undo is written${end} (salvor unfreeze ${name})`);
  });
}

/** `salvor unfreeze`: ends a freeze that was set by hand. */
export async function unfreeze(options: UnfreezeOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const { name, cluster } = options;
  const asked = await client.ask(`/api/v1/freezes/${encodeURIComponent(name)}`, { method: 'DELETE', query: defined({ cluster }) });
  return presentPauses(asked, { options, context, url: client.url }, ({ items, freezes = [] }) => {
    const rest = items.length + freezes.length === 0 ? 'nothing is frozen or paused any more' : 'these stay:';
    return paint(context.io, items.length + freezes.length === 0 ? 'green' : 'yellow', `Ended the freeze ${name} ${where(cluster)}: ${rest}`);
  });
}

function where(cluster: string | undefined): string {
  return cluster === undefined ? 'on every cluster' : `on ${cluster}`;
}
