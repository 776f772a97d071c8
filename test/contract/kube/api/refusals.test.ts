import { expect, test } from 'vitest';
import { openServer } from '../server.ts';
import { configMap, refused, said } from './stage.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test('an invalid object is refused with the field and the reason', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const message = `Invalid value: "Not_A_Name": ${SUBDOMAIN}`;
  expect(said(await server.request('POST', path, { body: configMap('Not_A_Name') }))).toEqual(
    refused(422, {
      message: `ConfigMap "Not_A_Name" is invalid: metadata.name: ${message}`,
      reason: 'Invalid',
      details: { name: 'Not_A_Name', kind: 'ConfigMap', causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }] },
    }),
  );
  const required = 'Required value: name or generateName is required';
  expect(said(await server.request('POST', path, { body: { apiVersion: 'v1', kind: 'ConfigMap' } }))).toEqual(
    refused(422, {
      message: `ConfigMap "" is invalid: metadata.name: ${required}`,
      reason: 'Invalid',
      details: { kind: 'ConfigMap', causes: [{ reason: 'FieldValueRequired', message: required, field: 'metadata.name' }] },
    }),
  );
});

test('a custom object is held to its schema, with every mistake named', async () => {
  await using server = await openServer();
  const body = { apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { name: 'bad' }, spec: { includedNamespaces: 5 } };
  const message = 'Invalid value: "integer": spec.includedNamespaces in body must be of type array: "integer"';
  expect(said(await server.request('POST', `${server.path('velero.io/v1')}/backups`, { body }))).toEqual(
    refused(422, {
      message: `Backup.velero.io "bad" is invalid: spec.includedNamespaces: ${message}`,
      reason: 'Invalid',
      details: { name: 'bad', group: 'velero.io', kind: 'Backup', causes: [{ reason: 'FieldValueTypeInvalid', message, field: 'spec.includedNamespaces' }] },
    }),
  );
});

test('unknown fields: a warning by default, a refusal where the writer is strict, silence where it wants that', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const body = (name: string): object => ({ ...configMap(name), dta: {} });
  const warned = await server.request('POST', path, { body: body('a') });
  expect(warned).toMatchObject({ status: 201, headers: { warning: '299 - "unknown field \\"dta\\""' } });
  expect(warned.body).not.toHaveProperty('dta');
  expect((await server.request('POST', `${path}?fieldValidation=Ignore`, { body: body('b') })).headers.warning).toBeUndefined();
  expect(said(await server.request('POST', `${path}?fieldValidation=Strict`, { body: body('c') }))).toEqual(
    refused(400, { message: 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"', reason: 'BadRequest' }),
  );
  await server.request('PATCH', `${path}/a?fieldValidation=Strict`, { body: { data: { x: '1' } }, contentType: 'application/merge-patch+json' });
  expect(
    said(await server.request('PATCH', `${path}/a?fieldValidation=Strict`, { body: { dta: {} }, contentType: 'application/merge-patch+json' })),
  ).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
});

test('unknown fields of a custom object', async () => {
  await using server = await openServer();
  const path = `${server.path('velero.io/v1')}/schedules`;
  const body = (name: string): object => ({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name },
    spec: { schedule: '0 0 1 1 *', template: {}, shedule: 'x' },
  });
  const warned = await server.request('POST', path, { body: body('a') });
  expect(warned).toMatchObject({ status: 201, headers: { warning: '299 - "unknown field \\"spec.shedule\\""' } });
  expect(warned.body).not.toHaveProperty('spec.shedule');
  expect(said(await server.request('POST', `${path}?fieldValidation=Strict`, { body: body('b') }))).toEqual(
    refused(400, {
      message: 'Schedule in version "v1" cannot be handled as a Schedule: strict decoding error: unknown field "spec.shedule"',
      reason: 'BadRequest',
    }),
  );
});

test('a body that is not what its path is for is a bad request', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const bad = async (body: unknown): Promise<object> => said(await server.request('POST', path, { body }));
  expect(await bad('{"apiVersion":')).toEqual(
    refused(400, {
      message:
        'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"apiVersion":)',
      reason: 'BadRequest',
    }),
  );
  expect(await bad({ ...configMap('a'), kind: 'Secret' })).toEqual(
    refused(400, {
      message: 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
      reason: 'BadRequest',
    }),
  );
  expect(await bad(configMap('a', {}, { namespace: 'default' }))).toEqual(
    refused(400, { message: 'the namespace of the provided object does not match the namespace sent on the request', reason: 'BadRequest' }),
  );
  await server.request('POST', path, { body: configMap('a') });
  expect(said(await server.request('PUT', `${path}/a`, { body: configMap('b') }))).toEqual(
    refused(400, { message: 'the name of the object (b) does not match the name on the URL (a)', reason: 'BadRequest' }),
  );
});

test('a group or a custom kind that is not served is 404 in plain text', async () => {
  await using server = await openServer();
  for (const path of ['/nothing', '/apis/nope.io/v1', '/apis/nope.io/v1/things', '/apis/velero.io/v1/things', '/apis/velero.io/v9/backups']) {
    const reply = await server.request('GET', path);
    expect([path, said(reply), reply.headers['x-content-type-options']]).toEqual([
      path,
      { status: 404, type: 'text/plain; charset=utf-8', body: '404 page not found\n' },
      'nosniff',
    ]);
  }
});

test('a resource that a built-in group does not have is a Status without a name', async () => {
  await using server = await openServer();
  const absent = refused(404, { message: 'the server could not find the requested resource', reason: 'NotFound', details: {} });
  for (const path of ['/api/v1/things', '/api/v2', '/apis/apps/v1/things', '/apis/apps/v9', `${server.path()}/nodes`, `${server.path()}/configmaps/a/scale`]) {
    expect([path, said(await server.request('GET', path))]).toEqual([path, absent]);
  }
});

test('a method that a path does not have is 405', async () => {
  await using server = await openServer();
  const path = `${server.path()}/configmaps`;
  const refusal = refused(405, { message: 'the server does not allow this method on the requested resource', reason: 'MethodNotAllowed', details: {} });
  expect(said(await server.request('PUT', path, { body: configMap('a') }))).toEqual(refusal);
  expect(said(await server.request('PATCH', path, { body: configMap('a'), contentType: 'application/merge-patch+json' }))).toEqual(refusal);
  expect(said(await server.request('POST', `${path}/a`, { body: configMap('a') }))).toEqual(refusal);
});

test('an answer is never kept by anybody on the way', async () => {
  await using server = await openServer();
  expect((await server.request('GET', `${server.path()}/configmaps`)).headers).toMatchObject({ 'cache-control': 'no-cache, private' });
  expect((await server.request('GET', `${server.path()}/configmaps/nope`)).headers).toMatchObject({ 'cache-control': 'no-cache, private' });
});
