import { afterEach, expect, test } from 'vitest';
import type { Reader } from '../../../src/port/kube.ts';
import { openSite, policy, type Site } from './site.ts';

const NODES: Pick<Reader, 'list'> = {
  list: async ({ kind }) => (kind === 'Node' ? ['w1', 'w2', 'gpu-1'].map((name) => ({ apiVersion: 'v1', kind, metadata: { name } })) : []),
};

let site: Site;
afterEach(() => site.close());

test('what can be chosen for a parameter is told with what helps to choose, of the cluster that is named', async () => {
  const asked: string[] = [];
  site = await openSite({
    deps: {
      reader(cluster) {
        asked.push(cluster);
        return NODES;
      },
    },
  });
  const { status, body } = await site.get('/api/v1/playbooks/node-isolate/choices/node?cluster=staging&typed=w&limit=1');
  expect(status).toBe(200);
  expect(body).toMatchObject({ items: [{ value: 'w1', note: 'not ready' }], exact: false, open: false });
  expect(asked).toEqual(['staging']);
  expect((await site.get('/api/v1/playbooks/node-isolate/choices/node?with=cluster=prod&with=grace=3')).body).toMatchObject({
    items: [{ value: 'gpu-1' }, { value: 'w1' }, { value: 'w2' }],
  });
});

test('a cluster that hangs is said, in time; what is not there is refused with the nearest; a stranger sees nothing', async () => {
  const rights = { ...policy.rights, read: ['platform'] };
  site = await openSite({ policy: { ...policy, rights }, deps: { reader: () => ({ list: () => new Promise(() => undefined) }) } });
  const path = '/api/v1/playbooks/node-isolate/choices';
  expect((await site.get(`${path}/node`, 'ana')).body).toMatchObject({ items: [], open: true, unknown: 'prod: it does not answer in time' });
  expect((await site.get(`${path}/nod`, 'ana')).body).toMatchObject({ status: 400, detail: expect.stringContaining('Did you mean node?') });
  expect((await site.get('/api/v1/playbooks/node-isolat/choices/node', 'ana')).status).toBe(404);
  expect((await site.get(`${path}/node?limit=1000`, 'ana')).status).toBe(400);
  expect((await site.get(`${path}/node`)).status).toBe(401);
  expect((await site.get(`${path}/node`, 'cleo')).status).toBe(403);
});

test('who would approve a playbook is told before there is a plan, with the rule that asks', async () => {
  site = await openSite();
  const { body } = await site.get('/api/v1/playbooks/node-isolate/explain?cluster=staging');
  expect(body).toMatchObject({
    playbook: 'node-isolate',
    cluster: 'staging',
    gates: [],
    stages: [
      {
        stage: 'isolate',
        actions: ['node.cordon'],
        risk: 'reversible',
        needs: 'needs 1 of platform, within 15m',
        rules: ['approvals.reversible'],
        people: [
          { name: 'ana', may: true, why: 'in platform' },
          { name: 'ben', may: true },
          { name: 'cleo', may: false, why: 'cleo is in none of the teams that decide: 1 of platform' },
          { name: 'dina', may: false },
        ],
      },
      { stage: 'confirm', role: 'approver', people: [{ name: 'ana' }, { name: 'ben' }] },
    ],
  });
  await site.post('/api/v1/pause', { reason: 'the new release', cluster: 'staging' }, 'ana');
  expect((await site.get('/api/v1/playbooks/node-isolate/explain?cluster=staging')).body).toMatchObject({ gates: [{ gate: 'pause' }] });
  expect((await site.get('/api/v1/playbooks/node-isolate/explain?cluster=moon')).status).toBe(400);
});
