import { z } from 'zod';
import { webhookBody } from './alert.ts';
import type { ApiStub } from './api-stub.ts';
import { proposed } from './proposed.ts';
import type { Salvor } from './salvor.ts';
import { pause } from './scope.ts';
import { post } from './sender.ts';

/** Alerts that each need an approval, one after the other, until each has its proposal. */
export async function propose(salvor: Salvor, marks: readonly string[]): Promise<void> {
  for (const mark of marks) await post(salvor.webhook, webhookBody(mark, [{ name: 'BenchAsk', mark }]));
  while ((await proposed(salvor)).length < marks.length) await pause(50);
}

/** Approves all that waits through the API, one after the other; for each, until its write began, in ms. */
export async function approveEach(salvor: Salvor, api: ApiStub): Promise<readonly number[]> {
  const taken: number[] = [];
  for (const { id, digest } of await proposed(salvor))
    taken.push(await untilWrite(api, () => salvor.ask(`/api/v1/runs/${encodeURIComponent(id)}/approve`, z.unknown(), { plan: digest })));
  return taken;
}

/** From the act until one more object was asked for at the API server, in ms. */
export async function untilWrite(api: ApiStub, act: () => Promise<unknown>): Promise<number> {
  const before = api.arrivedMs.size;
  const startedMs = performance.now();
  await Promise.all([act(), api.created(before + 1)]);
  return Math.max(...api.arrivedMs.values()) - startedMs;
}
