import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { SalvorError } from '../../../src/model/error.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { apiModel } from '../../unit/kube/api-model.ts';
import { type Seen, stubCluster } from './stub-server.ts';

const PODS = 5000;
const PAGE = 500;
const WAYS = ['reset', 'end', 'half-open'] as const;

type Model = ReturnType<typeof apiModel>;

/** The model on a socket: lists page by page, and streams that break in the middle of a line. */
async function serveModel({ source }: Model, seen: Seen, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const broken = (): void => void response.destroy();
  if (seen.query.get('watch') !== 'true') {
    try {
      const first = Number(seen.query.get('continue') ?? 0);
      const { objects, resourceVersion } = await source.list(gone.signal);
      const next = first + PAGE < objects.length ? String(first + PAGE) : undefined;
      response.end(JSON.stringify({ metadata: { resourceVersion, continue: next }, items: objects.slice(first, first + PAGE) }));
    } catch {
      broken();
    }
    return;
  }
  response.writeHead(200).flushHeaders();
  let [last, rest, lines] = ['{"type":"MODIFIED","object":{}}', '', 0];
  try {
    const from = { resourceVersion: seen.query.get('resourceVersion') ?? '', timeoutSeconds: Number(seen.query.get('timeoutSeconds')) };
    for await (const line of source.lines(from, gone.signal)) {
      last = line;
      // Lines come in pieces, and pieces hold the end of one line and the beginning of the next.
      const whole = `${line}\n`;
      const at = lines % 3 === 0 ? Math.floor(whole.length / 2) : whole.length;
      response.write(rest + whole.slice(0, at));
      rest = whole.slice(at);
      lines += 1;
      if (rest !== '') await new Promise((resolve) => setImmediate(resolve));
    }
    response.write(rest);
    response.end();
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    // Half of a line is on its way when the connection breaks.
    response.write(last.slice(0, 40), broken);
  }
}

test('over the wire a watch of 5,000 pods sees what the server has, whatever breaks and wherever', async () => {
  const draw = seededIds('watch-many');
  const clock = virtualClock();
  const model = apiModel(clock, { pods: PODS });
  await using stub = await stubCluster(
    async (seen, response) => {
      if (seen.path !== '/api/v1/pods') return undefined;
      await serveModel(model, seen, response);
      return undefined;
    },
    { clock, deadlines: { requestMs: 10_000, listMs: 10_000 } },
  );
  const view = new Map<string, string | undefined>();
  const stop = new AbortController();
  stub.cluster.watch(
    { apiVersion: 'v1', kind: 'Pod' },
    {
      synced(objects) {
        view.clear();
        for (const { metadata } of objects) view.set(metadata.name, metadata.resourceVersion);
      },
      changed({ change, object: { metadata } }) {
        if (change === 'deleted') view.delete(metadata.name);
        else view.set(metadata.name, metadata.resourceVersion);
      },
    },
    stop.signal,
  );
  const isSame = (): boolean => view.size === model.pods.size && [...model.pods].every(([name, pod]) => view.get(name) === pod.metadata.resourceVersion);
  /** The sockets get their turns; where they have nothing to say, the pauses pass. */
  const caughtUp = async (): Promise<boolean> => {
    for (let turn = 0; turn < 400 && !isSame(); turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      if (turn % 20 === 19) await clock.pass(15_000);
    }
    return isSame();
  };
  expect(await caughtUp()).toBe(true);

  for (let round = 1; round <= 60; round += 1) {
    for (let n = 0; n < 20; n += 1) {
      const name = `pod-${Math.floor(draw.random() * PODS)}`;
      if (draw.random() < 0.3) model.remove(name);
      else model.put(name);
    }
    const how = WAYS[Math.floor(draw.random() * WAYS.length)] ?? 'reset';
    // At once, so that nothing of these changes was sent; a moment later, so that some of it was; or not at all.
    if (round % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
    if (round % 3 !== 2) model.breakStreams(how);
    if (round % 6 === 0) model.compact();
    for (let n = 0; n < 5; n += 1) model.put(`pod-${Math.floor(draw.random() * PODS)}`);
    expect(await caughtUp(), `round ${round}, ${how}`).toBe(true);
  }
  stop.abort();
  // Ten pages are one list; it lists when it must, and not with every break.
  expect(model.requests.filter(({ what }) => what === 'list').length / (PODS / PAGE)).toBeLessThan(20);
}, 60_000);
