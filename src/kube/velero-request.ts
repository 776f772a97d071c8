import { z } from 'zod';
import { errorCode } from '../model/error.ts';
import { type KubeObject, refOf } from '../model/object.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Writer } from '../port/kube.ts';
import type { Log } from '../port/log.ts';

/** The API that Velero's servers and their requests speak. */
const VELERO = 'velero.io/v1';

/** A server with nothing else to do answers in a tenth of a second; one that is busy is asked twice a second. */
const FIRST_LOOK_MS = 100;
const LOOK_MS = 500;

const Answered = z.looseObject({ status: z.looseObject({ phase: z.literal('Processed') }) });

export type VeleroRequest = {
  readonly kind: 'DownloadRequest' | 'ServerStatusRequest';
  readonly namespace: string;
  readonly spec: object;
  readonly withinMs: number;
};

type Deps = { readonly cluster: string; readonly access: Pick<Writer, 'create' | 'find' | 'delete'>; readonly clock: Clock; readonly log: Log };

/**
 * Asks Velero by an object: makes it, looks until Velero has answered it, hands the answer over, and removes it whatever happened.
 * The server chooses the name. Undefined: no answer within the time. What a crash leaves behind, Velero itself removes when it expires.
 */
export async function askVelero<T>(
  { cluster, access, clock, log }: Deps,
  request: VeleroRequest,
  use: (answer: KubeObject) => Promise<T>,
): Promise<T | undefined> {
  const { kind, namespace, spec, withinMs } = request;
  const made = await access.create({ apiVersion: VELERO, kind, metadata: { generateName: 'salvor-', namespace }, spec });
  const ref = refOf(made);
  try {
    const untilMs = clock.monotonicMs() + withinMs;
    let seen: KubeObject | undefined = made;
    let lookMs = FIRST_LOOK_MS;
    while (seen !== undefined && !Answered.safeParse(seen).success) {
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return undefined;
      await sleep(clock, Math.min(lookMs, leftMs));
      lookMs = Math.min(lookMs * 2, LOOK_MS);
      seen = await access.find(ref);
    }
    return seen === undefined ? undefined : await use(seen);
  } finally {
    await access
      .delete(ref, { uid: made.metadata.uid ?? '' })
      .catch((error: unknown) => log.warn('kube.cleanup-failed', { cluster, kind, name: ref.name, code: errorCode(error) }));
  }
}
