import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import type { Fault } from '../fault-proxy.ts';
import { hasty } from './clock.ts';
import { any, creating, half, reading, say, silence, tries } from './meetings.ts';
import { expectDoneOnce, WRITE } from './once.ts';
import { openSalvor, type Salvor } from './salvor.ts';
import { admitSalvor } from './way.ts';

let cluster: Cluster;
let salvor: Salvor;
beforeAll(async () => {
  cluster = await startCluster({ parts: 'kube', env: { CLUSTER_AUDIT: '1' } });
  await admitSalvor(cluster);
});
afterAll(() => cluster.close());
beforeEach(async () => {
  salvor = await openSalvor(cluster, { playbooks: { write: WRITE }, clock: hasty(50), deadlines: { requestMs: 1000, listMs: 1000 } });
});
afterEach(() => salvor.close());

const PAGE = '<html><body>Please sign in</body></html>';
const HTML = { 'content-type': 'text/html' };
/** The server does it; what comes back is somebody else's page. */
const pageInstead: Fault = async ({ answer, forward }) => {
  (await forward()).resume();
  answer.writeHead(200, HTML).end(PAGE);
};

describe('what stands between Salvor and the API server', () => {
  test.each<readonly [string, Fault, string]>([
    ['answers nothing', silence, 'no answer in time'],
    ['cuts answers in half', half, 'is not'],
    ['shows a page of its own with 200', say(200, PAGE, HTML), 'is not'],
    ['shows a page of its own with 404', say(404, PAGE, HTML), 'answered 404'],
    ['says 500', say(500, 'oops'), 'oops'],
    ['says 503 and when to come back', say(503, PAGE, { ...HTML, 'retry-after': '2' }), 'answered 503'],
  ])('%s: a look is made again, and nothing is concluded from it', async (what, fault, says) => {
    const mend = salvor.proxy.meet(reading, fault);
    const id = await salvor.start('write', { thing: `reading: ${what}` });
    await salvor.trouble(id);
    expect(await salvor.show(id)).toContain(says);
    mend();
    await salvor.approve(id);
    await expectDoneOnce(salvor, id);
  });

  test.each<readonly [string, Fault]>([
    ['answers nothing', silence],
    ['shows a page of its own, behind the write', pageInstead],
    ['shows a page of its own, instead of the write', say(200, PAGE, HTML)],
    ['loses its backend', say(503, PAGE, HTML)],
  ])('%s: a write is looked for, and made once', async (what, fault) => {
    const id = await salvor.start('write', { thing: `writing: ${what}` });
    salvor.proxy.meet(creating('configmaps'), fault, 1);
    await salvor.approve(id);
    expect((await salvor.trouble(id)).openIntents).toHaveLength(1);
    await expectDoneOnce(salvor, id);
  });

  test('loses a watch without a word: the silence is noticed, and what changed is seen', async () => {
    await cluster.kubectl(['-n', 'app', 'create', 'configmap', 'quiet', '--from-literal=kind=wait']);
    const id = await salvor.start('write', { thing: 'quiet' });
    await salvor.state(id, 'waiting');
    await salvor.watches('configmaps');
    salvor.proxy.deafen();
    const changedMs = Date.now();
    await cluster.kubectl(['-n', 'app', 'patch', 'configmap', 'quiet', '--type=merge', '-p', '{"data":{"kind":"act"}}']);
    await salvor.state(id, 'proposed');
    expect(Date.now() - changedMs).toBeLessThan(20_000);
    expect(salvor.log().filter((line) => line.includes('kube.watch-silent'))).not.toEqual([]);
    await salvor.cancel(id);
  });

  test('asks for patience: it is given, and there is no storm', async () => {
    const mend = salvor.proxy.meet(any, say(429, 'Too many requests, please try again later.', { 'retry-after': '4' }));
    const id = await salvor.start('write', { thing: 'patient' });
    await salvor.trouble(id);
    const [first = 0] = tries(salvor.proxy.seen);
    await salvor.when(id, 'it came back', () => Date.now() - first > 9000);
    const [, second = 0, third = 0] = tries(salvor.proxy.seen);
    expect(second - first).toBeGreaterThanOrEqual(4000);
    expect(third - second).toBeGreaterThanOrEqual(4000);
    mend();
    await salvor.approve(id);
    await expectDoneOnce(salvor, id);
  });
});

describe('who is who', () => {
  test('a certificate that is over is named, and one that was renewed is taken without a restart', async () => {
    const own = readFileSync(join(cluster.dir, 'pki', 'server.crt'));
    salvor.proxy.present(expired());
    const id = await salvor.start('write', { thing: 'certificate' });
    await salvor.trouble(id);
    expect(await salvor.show(id)).toContain('prod: does not pass the TLS check (CERT_HAS_EXPIRED)');
    salvor.proxy.present(own);
    await salvor.approve(id);
    await expectDoneOnce(salvor, id);
  });

  test('a token that was revoked is named, and one that was renewed is taken without a restart', async () => {
    const id = await salvor.start('write', { thing: 'token' });
    await salvor.state(id, 'proposed');
    await cluster.kubectl(['-n', 'salvor', 'delete', 'serviceaccount', 'salvor']);
    await cluster.kubectl(['-n', 'salvor', 'create', 'serviceaccount', 'salvor']);
    // The API server remembers for some seconds whom it has let in.
    await until('the token is refused', () =>
      salvor.adapter.uid().then(
        () => false,
        () => true,
      ),
    );
    await salvor.approve(id);
    await salvor.trouble(id);
    expect(await salvor.show(id)).toContain('prod: does not accept our token');
    await salvor.useToken();
    await expectDoneOnce(salvor, id);
  });
});

/** The server's certificate as it would be a day after its end. */
function expired(): Buffer {
  const pki = (name: string): string => join(cluster.dir, 'pki', name);
  const openssl = (...args: readonly string[]): Buffer => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  openssl('req', '-new', '-key', pki('server.key'), '-subj', '/CN=kube-apiserver', '-addext', 'subjectAltName=IP:127.0.0.1', '-out', pki('over.csr'));
  return openssl('x509', '-req', '-in', pki('over.csr'), '-CA', pki('ca.crt'), '-CAkey', pki('ca.key'), '-days', '-1', '-copy_extensions', 'copy');
}
