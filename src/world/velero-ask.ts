import { gunzipSync } from 'node:zlib';
import { SalvorError } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { refOf } from '../model/object.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { DownloadTarget, Writer } from '../port/kube.ts';
import { textAt } from './object.ts';
import type { ObjectStorage } from './velero/storage.ts';

const POLL_MS = 500;
const DOWNLOAD_WITHIN_MS = 30_000;
const FETCH_MS = 30_000;

type Asking = { readonly cluster: string; readonly access: Pick<Writer, 'create' | 'find' | 'delete'>; readonly clock: Clock };
type Asked = { readonly kind: 'DownloadRequest' | 'ServerStatusRequest'; readonly namespace: string; readonly spec: JsonObject; readonly withinMs: number };

/** Asks Velero by an object, waits for its answer and removes the object. Undefined: no answer within the time. */
export async function askVelero<T>(
  { access, clock }: Asking,
  { kind, namespace, spec, withinMs }: Asked,
  use: (status: JsonObject) => Promise<T>,
): Promise<T | undefined> {
  const made = await access.create({ apiVersion: 'velero.io/v1', kind, metadata: { generateName: 'salvor-', namespace }, spec });
  const ref = refOf(made);
  try {
    const untilMs = clock.monotonicMs() + withinMs;
    for (;;) {
      const seen = await access.find(ref);
      const status = statusOf(seen);
      if (seen === undefined) return undefined;
      if (status['phase'] === 'Processed') return await use(status);
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0) return undefined;
      await sleep(clock, Math.min(POLL_MS, leftMs));
    }
  } finally {
    // A cluster that refuses the cleanup says nothing about the answer; Velero removes what is left.
    await access.delete(ref, { uid: made.metadata.uid ?? '' }).catch(() => 'gone');
  }
}

function statusOf(seen: { readonly [field: string]: unknown } | undefined): JsonObject {
  const json: Json = seen === undefined ? null : JSON.parse(JSON.stringify(seen['status'] ?? null));
  return isObject(json) ? json : {};
}

/** What a file of a backup or restore holds. Undefined: it was never written. */
export async function download(
  { storage, ...asking }: Asking & { readonly storage: ObjectStorage },
  target: DownloadTarget,
): Promise<{ readonly text: string; readonly cut: boolean } | undefined> {
  const { cluster, clock } = asking;
  const { namespace, kind, name, limitBytes } = target;
  const asked = { kind: 'DownloadRequest', namespace, spec: { target: { kind, name } }, withinMs: DOWNLOAD_WITHIN_MS } as const;
  const answer = await askVelero(asking, asked, async (status) => {
    const fetched = storage.fetch(textAt(status, 'downloadURL'));
    if (fetched.kind === 'refused') throw new SalvorError('storage.unavailable', `${cluster}: the object storage does not answer`, { retry: 'later' });
    if (fetched.kind === 'silence') {
      await sleep(clock, FETCH_MS);
      throw new SalvorError('storage.unavailable', `${cluster}: the object storage does not answer`, { retry: 'later' });
    }
    if (fetched.code === 404) return { found: undefined };
    if (fetched.code !== 200)
      throw new SalvorError('storage.unavailable', `${cluster}: the object storage answered ${fetched.code}`, {
        retry: fetched.code >= 500 ? 'later' : 'never',
        details: { status: fetched.code },
      });
    return { found: unpack(fetched.body, { cluster, limitBytes }) };
  });
  if (answer === undefined)
    throw new SalvorError('kube.timeout', `${cluster}: Velero did not answer the request for ${kind} of "${name}" in time`, { retry: 'later' });
  return answer.found;
}

function unpack(
  body: Buffer,
  { cluster, limitBytes }: { readonly cluster: string; readonly limitBytes: number },
): { readonly text: string; readonly cut: boolean } {
  try {
    const whole = gunzipSync(body);
    const cut = whole.byteLength > limitBytes;
    return { text: new TextDecoder().decode(whole.subarray(0, limitBytes), { stream: cut }), cut };
  } catch (error) {
    throw new SalvorError('kube.invalid', `${cluster}: the object in the storage is damaged: it is not whole gzip`, { cause: error });
  }
}
