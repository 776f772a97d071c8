import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Credentials, credentialsFrom } from '../../../src/kube/credentials.ts';

let root = '';
let folder = '';
let credentials: Credentials;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'salvor-pod-'));
  folder = join(root, 'var', 'run', 'secrets', 'kubernetes.io', 'serviceaccount');
  mkdirSync(folder, { recursive: true });
  for (const name of ['token', 'ca.crt', 'namespace']) symlinkSync(join('..data', name), join(folder, name));
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '127.0.0.1');
  vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443');
  credentials = credentialsFrom('prod', { inCluster: true, root }, client);
});
afterEach(() => {
  credentials.close();
  rmSync(root, { recursive: true });
});

/** As a kubelet does it: a new folder, and one link that changes from the one before to it. */
function project(name: string, { token, authority }: { readonly token: string; readonly authority: string }): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'token'), token);
  writeFileSync(join(folder, name, 'ca.crt'), authority);
  writeFileSync(join(folder, name, 'namespace'), 'ops');
  symlinkSync(name, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

test("a pod's token is used as soon as the kubelet has replaced it", async () => {
  project('..1', { token: 'one', authority: 'first' });
  expect(await credentials.authorize()).toMatchObject({ server: 'https://127.0.0.1:6443', headers: { Authorization: 'Bearer one' } });
  project('..2', { token: 'two\n', authority: 'first' });
  expect(await credentials.authorize()).toMatchObject({ headers: { Authorization: 'Bearer two' } });
});

test('an authority that was replaced is trusted from the next request on, and connections of the one before are not used', async () => {
  project('..1', { token: 'one', authority: 'first' });
  const before = await credentials.authorize();
  expect((await credentials.authorize()).agent).toBe(before.agent);
  project('..2', { token: 'one', authority: 'second' });
  const after = await credentials.authorize();
  expect(after.agent).not.toBe(before.agent);
  expect(after).toHaveProperty('agent.options.ca', Buffer.from('second'));
});

test('without its files it says so, and is well again when they are there', async () => {
  await expect(credentials.authorize()).rejects.toMatchObject({
    code: 'kube.unauthorized',
    retry: 'later',
    message: expect.stringContaining('cannot sign in'),
  });
  project('..1', { token: 'one', authority: 'first' });
  expect(await credentials.authorize()).toMatchObject({ headers: { Authorization: 'Bearer one' } });
});
