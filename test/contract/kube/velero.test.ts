import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ClusterOptions } from '../../../src/kube/open-cluster.ts';
import { manualClock } from '../../unit/kube/manual-clock.ts';
import { type Answer, deadUrl, replay, type Seen, type Stub, serve, stubCluster } from './stub-server.ts';

const TARGET = { namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 1_000 };
const request = (kind: string, status: object = {}): object => ({
  apiVersion: 'velero.io/v1',
  kind,
  metadata: { name: 'salvor-x7k2p', namespace: 'velero', uid: 'u-1' },
  status,
});

type Scene = { readonly stub: Stub; readonly clock: ReturnType<typeof manualClock>; readonly logged: string[]; readonly storage: Seen[] };

/** Velero that answers the n-th look with the n-th status (the last one stays), and the object storage behind it. */
async function scene({
  looks = [],
  stored,
  onDelete,
}: {
  readonly looks?: readonly object[];
  readonly stored?: (url: URL) => Answer & { readonly bytes?: Buffer };
  readonly onDelete?: Answer;
}): Promise<Scene & AsyncDisposable> {
  const clock = manualClock();
  const logged: string[] = [];
  const seenByStorage: Seen[] = [];
  const storage = await serve((seen, response) => {
    seenByStorage.push(seen);
    const answer = stored?.(new URL(`http://storage${seen.path}`)) ?? { status: 404 };
    response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.bytes);
  });
  const note = (name: string, facts: object = {}): void => void logged.push(`${name} ${JSON.stringify(facts)}`);
  const options: Partial<ClusterOptions> = { clock, log: { debug: note, info: note, warn: note, error: note } };
  let looked = 0;
  const stub = await stubCluster(({ method, path }) => {
    const kind = path.includes('downloadrequests') ? 'DownloadRequest' : path.includes('serverstatusrequests') ? 'ServerStatusRequest' : undefined;
    if (kind === undefined) return undefined;
    if (method === 'POST') return { status: 201, body: request(kind) };
    if (method === 'DELETE') return onDelete ?? { body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
    const status = looks[Math.min(looked, looks.length - 1)] ?? {};
    looked += 1;
    return { body: request(kind, JSON.parse(JSON.stringify(status).replaceAll('STORAGE', storage.url))) };
  }, options);
  return {
    stub,
    clock,
    logged,
    storage: seenByStorage,
    async [Symbol.asyncDispose]() {
      await stub[Symbol.asyncDispose]();
      storage.server.closeAllConnections();
      await new Promise((resolve) => storage.server.close(resolve));
    },
  };
}

const PROCESSED = {
  phase: 'Processed',
  downloadURL: 'STORAGE/velero/backups/good/good-logs.gz?X-Amz-Signature=very-secret',
  expiration: '2026-11-21T06:39:25Z',
};
const verbs = ({ stub }: Scene): readonly string[] => stub.seen.map(({ method }) => method);

/** Moves the clock whenever the adapter waits for it, until the answer is there. */
async function meanwhile<T>(answer: Promise<T>, { clock }: Scene): Promise<T> {
  let settled = false;
  const done = answer.finally(() => (settled = true));
  done.catch(() => undefined);
  for (let n = 0; !settled && n < 2_000; n += 1) {
    if (clock.waiting().length > 0) await clock.pass(500);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return done;
}

describe('download', () => {
  test('asks Velero, waits for its answer, unpacks the object, and removes the request', async () => {
    await using told = await scene({ looks: [{}, {}, PROCESSED], stored: () => ({ bytes: gzipSync('line 1\nline 2\n') }) });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: 'line 1\nline 2\n', cut: false });
    expect(verbs(told)).toEqual(['POST', 'GET', 'GET', 'GET', 'DELETE']);
    expect(told.stub.seen[0]?.body).toEqual({
      apiVersion: 'velero.io/v1',
      kind: 'DownloadRequest',
      metadata: { generateName: 'salvor-', namespace: 'velero' },
      spec: { target: { kind: 'BackupLog', name: 'good' } },
    });
    expect(told.stub.seen.at(-1)).toMatchObject({
      path: '/apis/velero.io/v1/namespaces/velero/downloadrequests/salvor-x7k2p',
      body: { preconditions: { uid: 'u-1' } },
    });
    expect(told.storage[0]).toMatchObject({ method: 'GET' });
    expect(told.storage[0]?.headers.authorization).toBeUndefined();
  });

  test('of an object that was never written answers undefined', async () => {
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ status: 404 }) });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toBeUndefined();
    expect(verbs(told).at(-1)).toBe('DELETE');
  });

  test('stops at the limit, between two characters, however much the archive holds', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('x'.repeat(999)), Buffer.from('ä'), Buffer.alloc(200 * 1024 * 1024)]));
    expect(bomb.length).toBeLessThan(300_000);
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ bytes: bomb }) });
    const before = process.memoryUsage().arrayBuffers;
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: 'x'.repeat(999), cut: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  test('a text of exactly the limit is whole', async () => {
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ bytes: gzipSync('x'.repeat(1_000)) }) });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: 'x'.repeat(1_000), cut: false });
  });

  test('what the storage has unpacked on the way is taken as it is', async () => {
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ bytes: Buffer.from('plain') }) });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: 'plain', cut: false });
  });

  test('an empty object is an empty text', async () => {
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ bytes: Buffer.alloc(0) }) });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: '', cut: false });
  });

  test.each([
    { what: 'a refusal', stored: { status: 403, bytes: Buffer.from('<Error/>') }, code: 'storage.unavailable', retry: 'never' },
    { what: 'a storage in trouble', stored: { status: 503 }, code: 'storage.unavailable', retry: 'later' },
    { what: 'a redirect', stored: { status: 302, headers: { location: '/elsewhere' } }, code: 'storage.unavailable', retry: 'never' },
    { what: 'half an archive', stored: { bytes: gzipSync('x'.repeat(900)).subarray(0, 20) }, code: 'kube.invalid', retry: 'never' },
    { what: 'a damaged archive', stored: { bytes: Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(50, 7)]) }, code: 'kube.invalid', retry: 'never' },
  ])('$what is $code; the request is removed, and the signature is nowhere', async ({ stored, code, retry }) => {
    await using told = await scene({ looks: [PROCESSED], stored: ({ pathname }) => (pathname === '/elsewhere' ? { bytes: gzipSync('moved') } : stored) });
    const fault: unknown = await meanwhile(
      told.stub.cluster.access.download(TARGET).catch((error: unknown) => error),
      told,
    );
    expect(fault).toMatchObject({ code, retry });
    expect(verbs(told).at(-1)).toBe('DELETE');
    expect(inspected(fault) + told.logged.join()).not.toContain('very-secret');
  });

  test('a storage that is down is unavailable, and the signature is nowhere', async () => {
    await using told = await scene({ looks: [{ ...PROCESSED, downloadURL: `${await deadUrl()}/x?X-Amz-Signature=very-secret` }] });
    const fault: unknown = await meanwhile(
      told.stub.cluster.access.download(TARGET).catch((error: unknown) => error),
      told,
    );
    expect(fault).toMatchObject({ code: 'storage.unavailable', retry: 'later' });
    expect(inspected(fault)).not.toContain('very-secret');
  });

  test('a URL that is not http is refused', async () => {
    await using told = await scene({ looks: [{ ...PROCESSED, downloadURL: 'file:///etc/passwd' }] });
    await expect(meanwhile(told.stub.cluster.access.download(TARGET), told)).rejects.toMatchObject({ code: 'kube.invalid' });
  });

  test('of a backup that Velero does not know gives up after half a minute, and removes the request', async () => {
    await using told = await scene({ looks: [{ expiration: '2026-11-21T06:40:52Z' }] });
    const startedMs = told.clock.nowMs();
    await expect(meanwhile(told.stub.cluster.access.download(TARGET), told)).rejects.toMatchObject({ code: 'kube.timeout', retry: 'later' });
    expect(told.clock.nowMs() - startedMs).toBeGreaterThanOrEqual(30_000);
    expect(told.clock.nowMs() - startedMs).toBeLessThan(31_000);
    expect(verbs(told).at(-1)).toBe('DELETE');
  });

  test('a request that cannot be removed is a line in the log, not a failure', async () => {
    await using told = await scene({ looks: [PROCESSED], stored: () => ({ bytes: gzipSync('text') }), onDelete: replay('forbidden') });
    expect(await meanwhile(told.stub.cluster.access.download(TARGET), told)).toEqual({ text: 'text', cut: false });
    expect(told.logged.join()).toContain('kube.cleanup-failed');
  });
});

describe('the Velero server', () => {
  test('that answers tells its version', async () => {
    await using told = await scene({ looks: [{}, { phase: 'Processed', serverVersion: 'v1.18.3' }] });
    expect(await meanwhile(told.stub.cluster.access.veleroServer({ namespace: 'velero', withinMs: 5_000 }), told)).toEqual({ version: 'v1.18.3' });
    expect(verbs(told)).toEqual(['POST', 'GET', 'GET', 'DELETE']);
  });

  test('that does not answer within the time is undefined, and the request is removed', async () => {
    await using told = await scene({ looks: [{}] });
    expect(await meanwhile(told.stub.cluster.access.veleroServer({ namespace: 'velero', withinMs: 5_000 }), told)).toBeUndefined();
    expect(verbs(told).at(-1)).toBe('DELETE');
  });
});

/** Everything that a log or a stack could show of an error. */
function inspected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message} ${error.stack ?? ''} ${inspected(error.cause)}`;
}
