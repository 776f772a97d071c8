import { expect, test } from 'vitest';
import type { Reply } from '../raw.ts';
import { openServer } from '../server.ts';
import { configMap, refused, said } from './stage.ts';

const PODS = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }];

test('what a role does not allow is forbidden, whether it is there or not, and the refusal says what was missing', async () => {
  await using server = await openServer();
  const bot = await server.as(PODS);
  const { namespace } = server;
  const pods = `${server.path()}/pods`;
  const forbidden = (reply: Reply, resource: string, rest: { readonly what: string; readonly details: object }): void => {
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(said(reply)).toEqual(
      refused(403, { message: `${resource} is forbidden: User "${bot.user}" cannot ${rest.what}`, reason: 'Forbidden', details: { ...rest.details } }),
    );
  };
  expect((await bot.request('GET', pods)).status).toBe(200);
  expect((await bot.request('GET', `${pods}/x`)).status).toBe(404);
  forbidden(await bot.request('DELETE', `${pods}/x`), 'pods "x"', {
    what: `delete resource "pods" in API group "" in the namespace "${namespace}"`,
    details: { name: 'x', kind: 'pods' },
  });
  forbidden(await bot.request('DELETE', pods), 'pods', {
    what: `deletecollection resource "pods" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'pods' },
  });
  forbidden(await bot.request('GET', '/api/v1/pods'), 'pods', { what: 'list resource "pods" in API group "" at the cluster scope', details: { kind: 'pods' } });
  forbidden(await bot.request('GET', '/api/v1/nodes'), 'nodes', {
    what: 'list resource "nodes" in API group "" at the cluster scope',
    details: { kind: 'nodes' },
  });
  forbidden(await bot.request('GET', '/api/v1/nodes/node-0'), 'nodes "node-0"', {
    what: 'get resource "nodes" in API group "" at the cluster scope',
    details: { name: 'node-0', kind: 'nodes' },
  });
  forbidden(await bot.request('GET', `${server.path()}/configmaps?watch=true`), 'configmaps', {
    what: `watch resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'configmaps' },
  });
  forbidden(await bot.request('POST', `${server.path()}/configmaps`, { body: configMap('a') }), 'configmaps', {
    what: `create resource "configmaps" in API group "" in the namespace "${namespace}"`,
    details: { kind: 'configmaps' },
  });
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'x' } };
  forbidden(await bot.request('POST', `${pods}/x/eviction`, { body: eviction }), 'pods "x"', {
    what: `create resource "pods/eviction" in API group "" in the namespace "${namespace}"`,
    details: { name: 'x', kind: 'pods' },
  });
  forbidden(await bot.request('GET', `${pods}/x/log`), 'pods "x"', {
    what: `get resource "pods/log" in API group "" in the namespace "${namespace}"`,
    details: { name: 'x', kind: 'pods' },
  });
  const restore = { apiVersion: 'velero.io/v1', kind: 'Restore', metadata: { name: 'r' }, spec: { backupName: 'b' } };
  forbidden(await bot.request('POST', `${server.path('velero.io/v1')}/restores`, { body: restore }), 'restores.velero.io', {
    what: `create resource "restores" in API group "velero.io" in the namespace "${namespace}"`,
    details: { group: 'velero.io', kind: 'restores' },
  });
  forbidden(
    await bot.request('PATCH', `${server.path('apps/v1')}/deployments/d`, { body: {}, contentType: 'application/merge-patch+json' }),
    'deployments.apps "d"',
    { what: `patch resource "deployments" in API group "apps" in the namespace "${namespace}"`, details: { name: 'd', group: 'apps', kind: 'deployments' } },
  );
});

test('anybody may ask what they may do', async () => {
  await using server = await openServer();
  const bot = await server.as([...PODS, { apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] }]);
  const ask = async (resourceAttributes: object): Promise<Reply> => {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } };
    return bot.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body });
  };
  const { namespace } = server;
  const yes = await ask({ verb: 'list', resource: 'pods', namespace });
  expect(yes).toMatchObject({
    status: 201,
    body: { kind: 'SelfSubjectAccessReview', status: { allowed: true, reason: expect.stringMatching(/^RBAC: allowed by /) } },
  });
  expect(await ask({ verb: 'create', resource: 'pods', subresource: 'eviction', namespace })).toMatchObject({ body: { status: { allowed: true } } });
  const no = await ask({ verb: 'delete', resource: 'pods', namespace });
  expect([no.status, (no.body as { readonly status: unknown }).status]).toEqual([201, { allowed: false }]);
  expect(await ask({ verb: 'list', resource: 'pods' })).toMatchObject({ status: 201, body: { status: { allowed: false } } });
  expect(await ask({ verb: 'create', group: 'velero.io', resource: 'backups', namespace: 'velero' })).toMatchObject({ body: { status: { allowed: false } } });
});

test('the rules of a namespace list what one may do there', async () => {
  await using server = await openServer();
  const bot = await server.as(PODS);
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: server.namespace } };
  const rules = await bot.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { body });
  expect(rules).toMatchObject({
    status: 201,
    body: {
      kind: 'SelfSubjectRulesReview',
      status: {
        resourceRules: expect.arrayContaining([
          { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
          { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
        ]),
        nonResourceRules: expect.arrayContaining([{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }]),
        incomplete: false,
      },
    },
  });
});

test('a token that is not known is 401', async () => {
  await using server = await openServer({ token: 'the-token' });
  expect(said(await server.withToken('wrong').request('GET', '/api/v1/nodes'))).toEqual(refused(401, { message: 'Unauthorized', reason: 'Unauthorized' }));
});
