import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';

/** A request on its way to the API server. */
export type Passing = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly isWatch: boolean;
  /** When it came, in ms since 1970. */
  readonly atMs: number;
};

/** What one request meets: it may ask the server itself by `forward`, and answers by `answer`, or never does. */
export type Fault = (meeting: { readonly answer: ServerResponse; readonly forward: () => Promise<IncomingMessage> }) => void | Promise<void>;

/** Stands between Salvor and an API server, speaks TLS to both, and lets everything pass until it is told what else to do. */
export type FaultProxy = {
  readonly url: string;
  /** Every request so far. */
  readonly seen: readonly Passing[];
  /** From now on matching requests meet the fault, `times` of them at most; the answer ends it. A later fault goes first. */
  readonly meet: (matches: (passing: Passing) => boolean, fault: Fault, times?: number) => () => void;
  /** Connections that are open now carry nothing any more and never end, as behind a broken route. */
  readonly deafen: () => void;
  /** Another certificate from now on, for every connection anew. */
  readonly present: (certificate: Buffer) => void;
  readonly close: () => Promise<void>;
};

type Rule = { readonly matches: (passing: Passing) => boolean; readonly fault: Fault; left: number };

/** The API server's own certificate and key are the proxy's: the cluster's authority is all that a client needs. Client certificates do not get through. */
export async function openFaultProxy(cluster: Cluster): Promise<FaultProxy> {
  const pki = (name: string): Buffer => readFileSync(join(cluster.dir, 'pki', name));
  const target = new URL(cluster.env['KUBE_SERVER'] ?? '');
  const agent = new Agent({ keepAlive: true, ca: pki('ca.crt') });
  const seen: Passing[] = [];
  const open = new Set<ServerResponse>();
  const deaf = new Set<ServerResponse>();
  let rules: Rule[] = [];

  const forward = (asked: IncomingMessage, answer: ServerResponse, body: Buffer): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { method, headers, url } = asked;
      const onward = request(new URL(url ?? '/', target), { method, agent, headers: { ...headers, host: target.host } }, resolve);
      onward.once('error', reject);
      answer.once('close', () => onward.destroy());
      onward.end(body);
    });

  const pass = async (answer: ServerResponse, upstream: IncomingMessage): Promise<void> => {
    answer.writeHead(upstream.statusCode ?? 502, upstream.headers).flushHeaders();
    for await (const chunk of upstream) if (!deaf.has(answer)) answer.write(chunk);
    if (!deaf.has(answer)) answer.end();
  };

  const server = createServer({ key: pki('server.key'), cert: pki('server.crt') }, (asked, answer) => {
    open.add(answer);
    answer.on('close', () => open.delete(answer));
    // Whoever is behind us broke off: so do we.
    const breakOff = (): void => void answer.destroy();
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const path = asked.url ?? '/';
      const passing: Passing = { method: asked.method ?? '', path, isWatch: path.includes('watch=true'), atMs: Date.now() };
      seen.push(passing);
      const rule = rules.findLast((each) => each.left > 0 && each.matches(passing));
      if (rule === undefined) return pass(answer, await forward(asked, answer, body));
      rule.left -= 1;
      return rule.fault({ answer, forward: () => forward(asked, answer, body) });
    })().catch(breakOff);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    url: `https://127.0.0.1:${address.port}`,
    seen,
    meet(matches, fault, times = Number.POSITIVE_INFINITY) {
      const rule = { matches, fault, left: times };
      rules.push(rule);
      return () => {
        rules = rules.filter((each) => each !== rule);
      };
    },
    deafen() {
      for (const answer of open) deaf.add(answer);
    },
    present(certificate) {
      server.setSecureContext({ key: pki('server.key'), cert: certificate });
      // A session that is taken up again would not look at it.
      server.setTicketKeys(randomBytes(48));
      server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
