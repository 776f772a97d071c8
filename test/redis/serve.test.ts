import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { serve } from '../../src/serve/serve.ts';
import { bodyAlert, sampleBody } from '../unit/ingest/samples.ts';
import { SAFE } from './server.ts';
import { oneServer } from './sites.ts';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: 'http://127.0.0.1:9' } }]
users: [{ name: a, user: {} }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: a
`;

test('the server takes webhooks into the Redis of its configuration, and says for as long as it runs what that Redis may lose', {
  timeout: 60_000,
}, async () => {
  const redis = await oneServer({ args: [...SAFE, '--appendonly', 'no', '--requirepass', 'secret'] });
  const folder = mkdtempSync(join(tmpdir(), 'salvor-serve-'));
  endings.push(redis.end, async () => rmSync(folder, { recursive: true, force: true }));
  const url = redis.place.kind === 'redis' ? redis.place.url : '';
  const file = join(folder, 'salvor.yaml');
  const write = (more: string): void =>
    writeFileSync(
      file,
      `listen: { port: 0, operations: 0 }
store: { kind: redis, url: ${url}, password: { file: ./password }${more} }
clusters: [{ name: prod, kubeconfig: ${join(folder, 'kubeconfig')}, default: true }]
`,
    );
  writeFileSync(join(folder, 'kubeconfig'), KUBECONFIG);
  writeFileSync(join(folder, 'password'), 'secret\n');
  const stop = new AbortController();
  let said = '';
  const io = { stdout: () => {}, stderr: (text: string) => void (said += text) };

  write('');
  expect(await serve({ file, stop: stop.signal, logTo: () => {} }, io)).toBe(2);
  expect(said).toMatch(/^Not started: Redis at 127\.0\.0\.1:\d+ is not safe for a store: it keeps no append-only file.*store\.allowUnsafe: true/);

  write(', allowUnsafe: true');
  const at = Promise.withResolvers<{ readonly url: string; readonly operationsUrl: string }>();
  const log: string[] = [];
  const ended = serve({ file, stop: stop.signal, ready: at.resolve, logTo: (line) => void log.push(line) }, io);
  const { url: site, operationsUrl } = await at.promise;
  const headers = { 'content-type': 'application/json' };
  const { status } = await fetch(`${site}/api/v1/alertmanager`, {
    method: 'POST',
    headers,
    body: sampleBody({ alerts: [bodyAlert({ alertname: 'DiskNoise' })] }),
  });
  expect(status).toBe(200);
  expect(await (await fetch(`${operationsUrl}/metrics`)).text()).toContain('\nsalvor_store_risks 1\n');
  stop.abort();
  expect(await ended).toBe(0);
  expect(log.join('\n')).toContain('"name":"store.unsafe"');
  expect(log.join('\n')).not.toContain('secret');
});
