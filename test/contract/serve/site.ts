import { createServer } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import { RunPage, type RunSummary } from '../../../src/port/view/run.ts';
import { serve } from '../../../src/serve/serve.ts';
import { failedNight, openCluster, type TestCluster } from '../../e2e/stage/cluster.ts';
import { type Program, startProgram } from '../../e2e/stage/program.ts';
import { openStage, ROOT, type Stage } from '../../e2e/stage/stage.ts';
import { until } from '../../e2e/stage/until.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';

/** A site on disk beside a simulated cluster over HTTP: a configuration, a folder of playbooks, tokens, a store. */
export type Site = {
  readonly stage: Stage;
  readonly cluster: TestCluster;
  readonly file: string;
  /** The configuration as it is written at first. */
  readonly text: string;
  readonly write: (name: string, text: string) => string;
};

export const TOKENS = { alertmanager: 'token-of-alertmanager-1', ana: 'token-of-ana-1', dora: 'token-of-dora-1' } as const;

export async function openSite(): Promise<Site> {
  const stage = openStage();
  const cluster = await openCluster(stage, failedNight(['daily']));
  stage.makeFolder('playbooks');
  for (const [name, token] of Object.entries(TOKENS)) stage.write(`${name}.token`, `${token}\n`);
  const text = `listen: { address: 127.0.0.1, port: 0, operations: 0 }
store: { kind: embedded, path: ./data }
clusters:
  - name: prod
    default: true
    kubeconfig: ${JSON.stringify(cluster.kubeconfigFile)}
    alertmanager: { tokens: [{ file: ./alertmanager.token }] }
people:
  - { name: ana, teams: [platform], token: { file: ./ana.token } }
  - { name: dora, teams: [leads], token: { file: ./dora.token } }
roles: { approver: [platform], commander: [platform], owner: [platform] }
rights: { read: [platform, leads], run: [platform], pause: [platform], configure: [leads] }
approvals: { reversible: { need: [{ team: platform, count: 1 }] } }
ladders: { default: [{ page: platform-primary, after: 0m }] }
playbooks: { folders: [./playbooks] }
`;
  return { stage, cluster, file: stage.write('salvor.yaml', text), text, write: stage.write };
}

export type Answer = { readonly status: number; readonly body: string; readonly json: JsonObject };

/** A server that listens: what people, Alertmanager and Prometheus can ask of it. */
export type Serving = {
  readonly url: string;
  readonly operationsUrl: string;
  /** Lines of the log, one JSON value each. */
  readonly log: () => readonly string[];
  get(path: string, person?: keyof typeof TOKENS): Promise<Answer>;
  post(path: string, body: unknown, person?: keyof typeof TOKENS): Promise<Answer>;
  /** Posts alerts as Alertmanager does. */
  alert(
    labels: { readonly [name: string]: string },
    more?: { readonly annotations?: { readonly [name: string]: string }; readonly token?: string },
  ): Promise<Answer>;
  operations(path: string): Promise<Answer>;
};

async function answerOf(request: Promise<Response>): Promise<Answer> {
  const response = await request;
  const body = await response.text();
  return { status: response.status, body, json: /json/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(body) as JsonObject) : {} };
}

function servingAt(url: string, operationsUrl: string, log: () => readonly string[]): Serving {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
  return {
    url,
    operationsUrl,
    log,
    get: (path, person = 'ana') => answerOf(fetch(`${url}${path}`, { headers: bearer(TOKENS[person]) })),
    post: (path, body, person = 'ana') => answerOf(fetch(`${url}${path}`, { method: 'POST', headers: bearer(TOKENS[person]), body: JSON.stringify(body) })),
    alert: (labels, { annotations = {}, token = TOKENS.alertmanager } = {}) =>
      answerOf(
        fetch(`${url}/api/v1/alertmanager`, {
          method: 'POST',
          headers: bearer(token),
          body: sampleBody({ alerts: [bodyAlert(labels, { annotations, startsAt: new Date().toISOString() })] }),
        }),
      ),
    operations: (path) => answerOf(fetch(`${operationsUrl}${path}`)),
  };
}

export type Here = Serving & { readonly stop: () => Promise<number> };

/** The server in this program; it looks at its files every 50 ms. */
export async function serveHere({ file }: Pick<Site, 'file'>): Promise<Here> {
  const stopping = new AbortController();
  const lines: string[] = [];
  const said: string[] = [];
  const listening = Promise.withResolvers<{ readonly url: string; readonly operationsUrl: string }>();
  const ended = serve(
    { file, stop: stopping.signal, ready: listening.resolve, logTo: (line) => void lines.push(line), reloadEveryMs: 50 },
    { stdout: (text) => void said.push(text), stderr: (text) => void said.push(text) },
  );
  void ended.then((code) => listening.reject(new Error(`ended with ${code}: ${said.join('')}`)));
  const { url, operationsUrl } = await listening.promise;
  const stop = (): Promise<number> => {
    stopping.abort();
    return ended;
  };
  onTestFinished(async () => void (await stop()));
  return { ...servingAt(url, operationsUrl, () => lines), stop };
}

/** Tries to start the server in this program: how it ended, and what it said. */
export async function refusedHere(file: string): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const io = { stdout: (text: string) => void said.push(text), stderr: (text: string) => void said.push(text) };
  const code = await serve({ file, stop: AbortSignal.abort(), logTo: () => {} }, io);
  return { code, said: said.join('') };
}

/** `wrapped`: the program that starts it, and what that one is told before. */
export function startServe({ stage }: Pick<Site, 'stage'>, file: string, wrapped: readonly string[] = []): Program {
  const serve = [join(ROOT, 'src', 'main.ts'), 'serve', '--config', file];
  const [command, ...before] = wrapped;
  const program =
    command === undefined ? startProgram('salvor', process.execPath, serve) : startProgram('salvor', command, [...before, process.execPath, ...serve]);
  stage.watch(program);
  return program;
}

/** A start is mostly loading code: on a busy machine that takes its time. */
const START = { withinMs: 90_000 };

/** The server as a program of its own. */
export async function serveApart(site: Pick<Site, 'stage' | 'file'>, wrapped: readonly string[] = []): Promise<Serving & { readonly program: Program }> {
  const program = startServe(site, site.file, wrapped);
  const lines = (): readonly string[] => program.log().split('\n').slice(0, -1);
  const line = await until(
    'it listens',
    () => {
      if (!program.isRunning()) throw new Error(program.log());
      return lines().find((text) => text.includes('"serve.listening"'));
    },
    START,
  );
  const { url, operations } = JSON.parse(line) as { readonly url: string; readonly operations: string };
  return { ...servingAt(url, operations, lines), program };
}

/** An address that notes who comes by. */
export async function openTrap(): Promise<{ readonly url: string; readonly visits: () => readonly string[] }> {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, visits: () => visits };
}

/** The newest run, once it is in this state. */
export function untilRun(serving: Serving, state: string): Promise<RunSummary> {
  return until(`the run is ${state}`, async () => {
    const { items } = RunPage.parse((await serving.get('/api/v1/runs')).json);
    return items[0]?.state === state ? items[0] : undefined;
  });
}

export const DAILY = { alertname: 'VeleroBackupFailed', schedule: 'daily', severity: 'critical' } as const;
