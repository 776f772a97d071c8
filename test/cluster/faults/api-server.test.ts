import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../cluster.ts';
import type { Fault } from '../fault-proxy.ts';
import { creating, loseReply } from './meetings.ts';
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
  salvor = await openSalvor(cluster, { playbooks: { write: WRITE } });
});
afterEach(() => salvor.close());

const kill = (): Promise<void> => cluster.kill('kube-apiserver');
const start = (): Promise<void> => cluster.start('kube-apiserver');

describe('the API server dies', () => {
  test('between the intent and the write: it is made once the server is back', async () => {
    const id = await salvor.start('write', { thing: 'before' });
    const dies: Fault = async ({ answer }) => {
      await kill();
      answer.destroy();
    };
    salvor.proxy.meet(creating('configmaps'), dies, 1);
    await salvor.approve(id);
    const { openIntents } = await salvor.trouble(id);
    expect(openIntents).toEqual([expect.stringMatching(/create ConfigMap\/app\/made-/)]);
    await start();
    expect(await expectDoneOnce(salvor, id)).toContain('"outcome":"created"');
  });

  test('after a write whose answer never comes back: it is found, and not made again', async () => {
    const id = await salvor.start('write', { thing: 'after' });
    const dies: Fault = async (meeting) => {
      await loseReply(meeting);
      await kill();
    };
    salvor.proxy.meet(creating('configmaps'), dies, 1);
    await salvor.approve(id);
    await salvor.trouble(id);
    await start();
    expect(await expectDoneOnce(salvor, id)).toContain('"outcome":"adopted"');
  });

  test('and is away when a run begins: it says so, and goes on by itself', async () => {
    await kill();
    const id = await salvor.start('write', { thing: 'away' });
    expect((await salvor.trouble(id)).state).toBe('diagnosing');
    expect(await salvor.show(id)).toContain('Trying again: prod: ');
    await start();
    await salvor.approve(id);
    await expectDoneOnce(salvor, id);
  });

  test('and is away when a run verifies: what was done is not believed before it was read', async () => {
    const id = await salvor.start('write', { thing: 'verify' });
    const answersAndDies: Fault = async ({ answer, forward }) => {
      const made = await forward();
      await kill();
      answer.writeHead(made.statusCode ?? 0, made.headers);
      for await (const chunk of made) answer.write(chunk);
      answer.end();
    };
    salvor.proxy.meet(creating('configmaps'), answersAndDies, 1);
    await salvor.approve(id);
    expect((await salvor.trouble(id)).state).toBe('verifying');
    await start();
    await expectDoneOnce(salvor, id);
  });

  test('under an open watch: what changes meanwhile wakes the run that waits', async () => {
    await cluster.kubectl(['-n', 'app', 'create', 'configmap', 'watched', '--from-literal=kind=wait']);
    const id = await salvor.start('write', { thing: 'watched' });
    await salvor.state(id, 'waiting');
    await salvor.watches('configmaps');
    await kill();
    await start();
    const changedMs = Date.now();
    await cluster.kubectl(['-n', 'app', 'patch', 'configmap', 'watched', '--type=merge', '-p', '{"data":{"kind":"act"}}']);
    await salvor.state(id, 'proposed');
    // Its own next look would be half a minute later.
    expect(Date.now() - changedMs).toBeLessThan(15_000);
    await salvor.cancel(id);
  });

  test('between two pages of a list: no half of a list is taken for the whole', async () => {
    const manifest = Array.from({ length: 600 }, (_, at) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `many-${at}`, namespace: 'app', labels: { many: 'yes' } },
    }));
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifest }));
    const dies: Fault = async ({ answer }) => {
      await kill();
      answer.destroy();
    };
    salvor.proxy.meet(({ path }) => path.includes('continue='), dies, 1);
    const list = () => salvor.adapter.access.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', labelSelector: 'many=yes' });
    await expect(list()).rejects.toMatchObject({ code: 'kube.unavailable', retry: 'later' });
    await start();
    expect(await list()).toHaveLength(600);
  });
});
