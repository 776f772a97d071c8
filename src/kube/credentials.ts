import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import type * as ClientNode from '@kubernetes/client-node';
import { z } from 'zod';
import { errorText, SalvorError } from '../model/error.ts';

/** Where a cluster is and who we are there, read anew for each request: tokens, certificates and the kubeconfig itself rotate in files. */
export type Credentials = {
  /** The server, the headers and the agent for one request. */
  authorize(): Promise<Target>;
  /** Forgets what was read, after the server did not accept it. */
  refuse(): void;
  close(): void;
};

export type Target = {
  /** Without a slash at its end; it may have a path of its own, behind a proxy. */
  readonly server: string;
  readonly headers: { readonly [name: string]: string };
  readonly basicAuth?: string;
  readonly agent: HttpAgent;
};

export type CredentialsSource =
  | { readonly kubeconfig: string; readonly context?: string | undefined }
  /** The pod's service account; `root` is prepended to its paths. */
  | { readonly inCluster: true; readonly root?: string };

/** What is used of the client library; it is loaded only when a cluster is opened. */
export type ClientLibrary = Pick<typeof ClientNode, 'KubeConfig' | 'loadYaml'>;

type KubeConfig = ClientNode.KubeConfig;
type Loaded = { readonly config: KubeConfig; readonly changedMs: number; readonly tokenFile?: string };

/** Only the one field that the client library reads under another name (`token-file`) than kubectl writes it. */
const TokenFiles = z.looseObject({
  users: z.array(z.looseObject({ name: z.string(), user: z.looseObject({ tokenFile: z.string().optional() }).nullish() })).nullish(),
});

/** Idle connections are closed by us well before servers and load balancers do it in the middle of a request. */
const IDLE_MS = 15_000;
const MOST_CONNECTIONS = 64;
const LONGEST_REASON = 300;
const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const NOBODY = 'nobody';

/**
 * The client library parses the kubeconfig and signs in (certificates, exec plugins, OIDC). Its own dispatcher is made anew for each
 * request and negotiates HTTP/2, where one dead connection holds every request; so the agents are ours and speak HTTP/1.1.
 */
export function credentialsFrom(cluster: string, source: CredentialsSource, client: ClientLibrary): Credentials {
  let loaded: Loaded | undefined;
  let agent: { readonly key: string; readonly agent: HttpAgent } | undefined;
  let signingIn: Promise<Target> | undefined;

  const current = async (): Promise<Loaded> => {
    // Asked before every request: a look at one file takes less time here than the way to another thread and back.
    const changedMs = 'kubeconfig' in source ? statSync(source.kubeconfig).mtimeMs : 0;
    if (loaded?.changedMs !== changedMs) loaded = await load(source, client, changedMs);
    return loaded;
  };

  const agentFor = (options: RequestOptions, server: string): HttpAgent => {
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const identity = JSON.stringify([server, ca, cert, key, rejectUnauthorized, servername]);
    if (agent?.key === identity) return agent.agent;
    // The agent before it is left alone: requests in flight end on it, and its idle connections close by themselves.
    const pool = { keepAlive: true, timeout: IDLE_MS, maxSockets: MOST_CONNECTIONS, maxFreeSockets: MOST_CONNECTIONS };
    const secure = { ca, cert, key, ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }), ...(servername === undefined ? {} : { servername }) };
    agent = { key: identity, agent: server.startsWith('https:') ? new HttpsAgent({ ...pool, ...secure }) : new HttpAgent(pool) };
    return agent.agent;
  };

  const signIn = async (): Promise<Target> => {
    try {
      const { config, tokenFile } = await current();
      const { server, proxyUrl, skipTLSVerify } = currentCluster(config);
      if (server.startsWith('http:') && !skipTLSVerify) throw new Error(`${server} is plain http: the kubeconfig must say insecure-skip-tls-verify: true`);
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      const headers = new Map(Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]));
      if (tokenFile !== undefined) headers.set('Authorization', `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`);
      // A proxy's tunnel is the library's own agent.
      const through = proxyUrl !== undefined && options.agent instanceof HttpAgent ? options.agent : agentFor(options, server);
      return { server, headers: Object.fromEntries(headers), agent: through, ...(options.auth ? { basicAuth: options.auth } : {}) };
    } catch (error) {
      // No cause, and one line only: a YAML parser's text shows the lines of the file around the mistake, and tokens are in them.
      const why = error instanceof SyntaxError ? 'the credential command did not print JSON' : (errorText(error).split('\n')[0] ?? '').slice(0, LONGEST_REASON);
      throw new SalvorError('kube.unauthorized', `${cluster}: cannot sign in: ${why}`, { retry: 'later' });
    }
  };

  return {
    authorize() {
      // Concurrent requests share one sign-in, so a credential command runs once.
      signingIn ??= signIn().finally(() => {
        signingIn = undefined;
      });
      return signingIn;
    },
    refuse() {
      loaded = undefined;
    },
    close() {
      agent?.agent.destroy();
      agent = undefined;
    },
  };
}

async function load(source: CredentialsSource, client: ClientLibrary, changedMs: number): Promise<Loaded> {
  const config = new client.KubeConfig();
  if ('inCluster' in source) {
    if (!process.env['KUBERNETES_SERVICE_HOST']) throw new Error('not inside a cluster: KUBERNETES_SERVICE_HOST is not set');
    config.loadFromCluster(source.root ?? '');
    return readByUs(config, changedMs, `${source.root ?? ''}${SERVICE_ACCOUNT_TOKEN}`);
  }
  config.loadFromFile(source.kubeconfig);
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const listed = TokenFiles.parse(client.loadYaml(await readFile(source.kubeconfig, 'utf8'))).users ?? [];
  const name = config.getCurrentUser()?.name;
  const tokenFile = listed.find((one) => one.name === name)?.user?.tokenFile;
  return readByUs(config, changedMs, tokenFile === undefined ? undefined : resolve(dirname(source.kubeconfig), tokenFile));
}

/** The library keeps a token file's text for a minute and with its newline: such a user's token is read by us. */
function readByUs(config: KubeConfig, changedMs: number, tokenFile: string | undefined): Loaded {
  const context = config.getContextObject(config.getCurrentContext());
  const user = config.getCurrentUser();
  if (context !== null && user === null) {
    if (context.user) throw new Error(`the kubeconfig has no user "${context.user}"`);
    // Without a user the library would not even use the cluster's certificate authority.
    config.users = [...config.users, { name: NOBODY }];
    config.contexts = config.contexts.map((one) => (one.name === context.name ? { ...one, user: NOBODY } : one));
  }
  if (tokenFile === undefined || user === null) return { config, changedMs };
  config.users = config.users.map((one) => (one.name === user.name ? { name: one.name } : one));
  return { config, changedMs, tokenFile };
}

function currentCluster(config: KubeConfig): { readonly server: string; readonly skipTLSVerify: boolean; readonly proxyUrl?: string } {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`the kubeconfig has no context "${config.getCurrentContext()}" with a cluster`);
  return cluster;
}
