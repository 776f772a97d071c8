import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Site, serveApart, TOKENS } from '../../contract/serve/site.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';
import { until } from '../stage/until.ts';

const QUIET = 'token-of-the-quiet-alertmanager';

/** The head of a webhook that says it has so many bytes. */
export function head(length: number, more = ''): string {
  return `POST /api/v1/alertmanager HTTP/1.1\r\nHost: salvor\r\nContent-Type: application/json\r\nAuthorization: Bearer ${TOKENS.alertmanager}\r\nContent-Length: ${length}\r\n${more}\r\n`;
}

/** An alert that no playbook answers: it is counted. */
export const counted = (mark: string): { readonly [label: string]: string } => ({ alertname: 'Counted', mark });

export function bodyOf(marks: readonly string[], padding = ''): string {
  return sampleBody({ alerts: marks.map((mark) => bodyAlert(counted(mark), { annotations: { padding } })) });
}

/** A real server, with what a sender needs to misbehave, and what the machine knows about it. */
export async function openFlooded(site: Site) {
  // The good sender speaks for another cluster.
  site.stage.write('quiet.token', `${QUIET}\n`);
  const cluster = `  - { name: quiet, kubeconfig: ${JSON.stringify(site.cluster.kubeconfigFile)}, alertmanager: { tokens: [{ file: ./quiet.token }] } }\n`;
  site.write('salvor.yaml', site.text.replace('people:', `${cluster}people:`));
  const serving = await serveApart(site);
  const { pid } = serving.program;
  const { hostname, port } = new URL(serving.url);
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  let good = 0;
  return {
    serving,
    /** A connection, open; what it hears is thrown away. */
    open(): Promise<Socket> {
      return new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname);
        sockets.push(socket);
        socket.resume();
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          socket.on('error', () => {});
          resolve(socket);
        });
      });
    },
    /** What a connection of its own hears until so many answers came, or it is closed. */
    answersTo(text: string, answers: number): Promise<readonly number[]> {
      return new Promise((resolve, reject) => {
        const socket = connect(Number(port), hostname);
        sockets.push(socket);
        let heard = '';
        const statuses = (): readonly number[] => [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => {
          heard += chunk;
          if (statuses().length >= answers) socket.destroy();
        });
        socket.on('close', () => resolve(statuses()));
        socket.on('error', reject);
        socket.write(text);
      });
    },
    /** A good sender posts one alert: how long it waits for its 200. */
    async goodMs(): Promise<number> {
      const startedMs = performance.now();
      good += 1;
      const { status, body } = await serving.alert(counted(`good ${good}`), { token: QUIET });
      if (status !== 200) throw new Error(`the good sender hears ${status}: ${body}`);
      return performance.now() - startedMs;
    },
    /** Of the server, in MB, since it started. */
    peakMb: () => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1000,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    ledger: async () => (await serving.get('/api/v1/ledger')).json,
    untilHandled: (alerts: number) =>
      until(`${alerts} alerts are handled`, async () => {
        const ledger = (await serving.get('/api/v1/ledger')).json;
        return ledger['handled'] === alerts && ledger['pending'] === 0 ? ledger : undefined;
      }),
  };
}
