import { expect, test } from 'vitest';
import type { Json } from '../../../src/model/json.ts';
import { at } from '../../../src/world/object.ts';
import { observed, setting } from './setting.ts';

function applying() {
  const set = setting({ namespaces: ['app'] });
  const apply = (fieldManager: string | undefined, data: Json, force = false) =>
    set.ask('patch', 'ConfigMap', {
      namespace: 'app',
      name: 'ssa',
      patch: 'apply',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ssa', namespace: 'app' }, data },
      options: { force, ...(fieldManager === undefined ? {} : { fieldManager }) },
    });
  return { ...set, apply };
}

test('makes an object whose fields belong to its manager', async () => {
  const { apply } = applying();
  const answer = await apply('salvor', { owner: 'salvor', other: 'x' });
  const told = observed('server-side-apply', 'server-side apply, fieldManager=salvor').body;
  expect(answer).toMatchObject({
    code: 201,
    body: {
      data: at(told, 'data') ?? null,
      metadata: {
        managedFields: [
          { manager: 'salvor', operation: 'Apply', fieldsV1: at(told, 'metadata', 'managedFields', '0') ?? { 'f:data': { 'f:other': {}, 'f:owner': {} } } },
        ],
      },
    },
  });
});

test('refuses to take a field of another manager, word by word, and takes it by force', async () => {
  const { apply } = applying();
  await apply('salvor', { owner: 'salvor', other: 'x' });
  expect(await apply('flux', { owner: 'flux' })).toMatchObject({ code: 409, body: observed('server-side-apply', 'another manager').body });
  expect(await apply('flux', { owner: 'flux' }, true)).toMatchObject({ code: 200, body: { data: { owner: 'flux', other: 'x' } } });
});

test('names every manager in the way, those of updates with their version', async () => {
  const { apply, ask } = applying();
  await apply('salvor', { owner: 'salvor', other: 'x' });
  await apply('flux', { owner: 'flux' }, true);
  await ask('patch', 'ConfigMap', {
    namespace: 'app',
    name: 'ssa',
    patch: 'merge',
    body: { data: { other: 'edited' } },
    options: { fieldManager: 'kubectl-edit' },
  });
  expect(await apply('salvor', { owner: 'salvor', other: 'x' })).toMatchObject({
    code: 409,
    body: observed('server-side-apply', 'two conflicting fields').body,
  });
});

test('removes what its manager applied before and leaves out now', async () => {
  const { apply } = applying();
  await apply('salvor', { owner: 'salvor', other: 'x' });
  const { body } = await apply('salvor', { owner: 'salvor' });
  expect(at(body, 'data')).toEqual({ owner: 'salvor' });
});

test('needs a field manager', async () => {
  const { apply } = applying();
  expect(await apply(undefined, {})).toMatchObject({ code: 422, body: observed('server-side-apply', 'apply without').body });
});
