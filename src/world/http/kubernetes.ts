import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type Json } from '../../model/json.ts';
import type { SimulatedCluster } from '../cluster.ts';
import { type Answer, noSuchPath, unauthorized } from '../status.ts';
import { aggregated, discovery, openApi } from './discovery.ts';
import { breakOff, respond, respondJson } from './respond.ts';
import { type Incoming, route } from './route.ts';
import { metadataOf, shapeOf, tableOf } from './table.ts';

type Options = {
  /** The only bearer token that is let in; absent: any, or none. */
  readonly token?: string | undefined;
};

/** The Kubernetes API of one simulated cluster, and the metrics of its Velero. */
export async function kubernetes(
  sim: SimulatedCluster,
  { request, response, incoming }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly incoming: Incoming },
  { token }: Options,
): Promise<void> {
  const { path } = incoming;
  // Clients set their own clock beside the server's: it is the world's, however fast that goes.
  response.setHeader('Date', new Date(sim.clock.nowMs()).toUTCString());
  if (path === '/metrics') {
    if (sim.velero.isUp()) respond(response, { code: 200, body: sim.veleroMetrics.text() }, 'text/plain; version=0.0.4; charset=utf-8');
    else breakOff(response);
    return;
  }
  if (['/healthz', '/livez', '/readyz'].includes(path)) return respond(response, { code: 200, body: 'ok' });
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return respond(response, unauthorized());
  const kinds = sim.objects.kinds.all();
  const whole = incoming.method === 'GET' ? aggregated(path, request.headers.accept ?? '', kinds) : undefined;
  if (whole !== undefined) return respond(response, { code: 200, body: whole.body }, whole.type);
  const known = incoming.method === 'GET' ? (discovery(path, kinds) ?? openApi(path, kinds)) : undefined;
  if (known !== undefined) return respondJson(response, known);
  if (!path.startsWith('/api')) return respond(response, noSuchPath());

  const routed = route(incoming, sim.objects.kinds);
  if (routed.kind === 'answer') return respond(response, routed.answer);
  const shape = shapeOf(request.headers.accept ?? '');
  const { kind } = routed.request;
  let tables = 0;
  const shown = (body: Json): Json => {
    if (!isObject(body) || body['kind'] === 'Status' || shape === 'whole') return body;
    if (shape === 'metadata') return metadataOf(body);
    tables += 1;
    return tableOf(kind, body, { nowMs: sim.clock.nowMs(), head: tables === 1 });
  };

  if (routed.request.verb === 'watch') {
    const wire = watchWire(response, shown);
    const opened = await sim.api.watch(routed.request, wire.listener);
    if (opened.kind === 'reset') return breakOff(response);
    if (opened.kind === 'refused') return respond(response, opened.answer);
    wire.open();
    response.on('close', opened.stop);
    if (response.closed) opened.stop();
    return;
  }
  const served = await sim.api.serve(routed.request);
  if (served.kind === 'reset') return breakOff(response);
  // Silence: the connection stays open and nothing comes, until the client gives up or the world ends.
  if (served.kind === 'silence') return;
  const answer: Answer =
    served.answer.code < 300 && routed.request.subresource === undefined && routed.request.verb !== 'delete'
      ? { ...served.answer, body: shown(served.answer.body) }
      : served.answer;
  respond(response, answer);
}

type Wire = { readonly listener: Parameters<SimulatedCluster['api']['watch']>[1]; readonly open: () => void };

/** Writes the events of a watch as lines. What comes before the headers are sent is kept for after them. */
function watchWire(response: ServerResponse, shown: (body: Json) => Json): Wire {
  const early: string[] = [];
  let isOpen = false;
  let isOver = false;
  return {
    listener: {
      event({ type, object }) {
        const line = `${JSON.stringify({ type, object: type === 'ERROR' || type === 'BOOKMARK' ? object : shown(object) })}\n`;
        if (isOpen) response.write(line);
        else early.push(line);
      },
      end() {
        isOver = true;
        if (isOpen) response.end();
      },
    },
    open() {
      isOpen = true;
      response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
      response.flushHeaders();
      for (const line of early) response.write(line);
      if (isOver) response.end();
    },
  };
}
