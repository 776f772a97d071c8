import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import { prometheusMetrics } from '../../../src/kube/prometheus.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';

/** Certificates are made by the system's openssl; where there is none, these cases cannot be shown. */
const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const hasOpenssl = ((): boolean => {
  try {
    return openssl('version') !== '';
  } catch {
    // Not installed.
    return false;
  }
})();

describe.skipIf(!hasOpenssl)('TLS', () => {
  let folder = '';
  let url = '';
  const clients: string[] = [];
  let server: ReturnType<typeof createServer> | undefined;

  const certificate = (name: string, subject: string): void => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${subject}`,
      '-addext',
      'subjectAltName=IP:127.0.0.1,DNS:kube.internal',
      '-keyout',
      join(folder, `${name}.key`),
      '-out',
      join(folder, `${name}.crt`),
    );
  };
  const kubeconfig = async (cluster: string, user = '{}'): Promise<string> => {
    const path = join(folder, 'kubeconfig');
    await writeFile(
      path,
      `apiVersion: v1\nkind: Config\ncurrent-context: main\nclusters: [{ name: c, cluster: { server: '${url}', ${cluster} } }]\nusers: [{ name: u, user: ${user} }]\ncontexts: [{ name: main, context: { cluster: c, user: u } }]\n`,
    );
    return path;
  };
  const uid = async (path: string): Promise<string> => {
    const cluster = await openCluster({ name: 'prod', kubeconfig: path, clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
    try {
      return await cluster.uid();
    } finally {
      await cluster.close();
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'salvor-tls-'));
    certificate('server', 'kube');
    certificate('client', 'salvor');
    certificate('other', 'other');
    const [key, cert, ca] = await Promise.all(['server.key', 'server.crt', 'client.crt'].map((name) => readFile(join(folder, name))));
    server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      if (request.socket instanceof TLSSocket) clients.push(String(request.socket.getPeerCertificate().subject?.CN ?? 'nobody'));
      const isRoot = request.url === '/api/v1';
      const isQuery = request.url?.startsWith('/api/v1/query') === true;
      const body = isQuery
        ? { status: 'success', data: { resultType: 'vector', result: [] } }
        : isRoot
          ? { resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] }
          : { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u-1' } };
      response.writeHead(200).end(JSON.stringify(body));
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `https://127.0.0.1:${address.port}`;
  });

  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await rm(folder, { recursive: true });
  });

  test('the authority of the kubeconfig is trusted, and the client certificate is shown, by relative paths', async () => {
    clients.length = 0;
    expect(await uid(await kubeconfig('certificate-authority: server.crt', '{ client-certificate: client.crt, client-key: client.key }'))).toBe('u-1');
    expect(clients).toEqual(['salvor', 'salvor']);
  });

  test('a certificate of another authority is not accepted', async () => {
    await expect(uid(await kubeconfig('certificate-authority: other.crt'))).rejects.toMatchObject({
      code: 'kube.unavailable',
      message: expect.stringContaining('TLS check'),
    });
    await expect(uid(await kubeconfig('insecure-skip-tls-verify: false'))).rejects.toMatchObject({
      code: 'kube.unavailable',
      message: expect.stringContaining('TLS check'),
    });
  });

  test('a Prometheus is trusted by the file of its authority, which is named where it is missing', async () => {
    const ask = (ca?: string) => prometheusMetrics({ url, clock: systemClock, ...(ca && { ca: join(folder, ca) }) }).query('up');
    expect(await ask('server.crt')).toEqual([]);
    const says = (message: string) => expect.objectContaining({ code: 'metrics.unavailable', message: expect.stringContaining(message) });
    await expect(ask()).rejects.toEqual(says('name the file of its authority in clusters[].prometheus.ca'));
    await expect(ask('other.crt')).rejects.toEqual(says('its certificate is not trusted'));
    await expect(ask('gone.crt')).rejects.toEqual(says('cannot be read (clusters[].prometheus.ca)'));
  });

  test('also a context without a user trusts the authority of its cluster', async () => {
    const path = await kubeconfig('certificate-authority: server.crt');
    await writeFile(path, (await readFile(path, 'utf8')).replace(', user: u }', ' }'));
    expect(await uid(path)).toBe('u-1');
  });

  test('the check is left out only where the kubeconfig says so', async () => {
    expect(await uid(await kubeconfig('insecure-skip-tls-verify: true'))).toBe('u-1');
  });

  test('another server name is checked where the kubeconfig names it', async () => {
    expect(await uid(await kubeconfig('certificate-authority: server.crt, tls-server-name: kube.internal'))).toBe('u-1');
    await expect(uid(await kubeconfig('certificate-authority: server.crt, tls-server-name: kube.example'))).rejects.toMatchObject({ code: 'kube.unavailable' });
  });

  test('a client certificate that was replaced in its file is shown from the next request on', async () => {
    const path = await kubeconfig('certificate-authority: server.crt', '{ client-certificate: rotated.crt, client-key: rotated.key }');
    const put = async (name: string): Promise<void> => {
      for (const end of ['crt', 'key']) await writeFile(join(folder, `rotated.${end}`), await readFile(join(folder, `${name}.${end}`)));
    };
    await put('other');
    const cluster = await openCluster({ name: 'prod', kubeconfig: path, clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
    const look = () => cluster.access.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
    await look();
    clients.length = 0;
    await put('client');
    await look();
    expect(clients).toEqual(['salvor']);
    await cluster.close();
  });
});
