import { describe, expect, test } from 'vitest';
import { createCommands } from '../../../src/command/create-commands.ts';
import { apiEndpoints } from '../../../src/http/api/router.ts';
import { openapi } from '../../../src/http/openapi.ts';
import { isObject, type Json, type JsonObject } from '../../../src/model/json.ts';
import { openSite } from '../../contract/api/site.ts';

const site = await openSite();
const endpoints = apiEndpoints({ commands: createCommands(site.deps), clock: site.deps.clock, version: '1.2.3' });
const document = openapi(endpoints, '1.2.3') as JsonObject;
const served = (await site.get('/openapi.json')).body;
await site.close();

/** Every object in the document, with where it is. */
function* objects(value: Json | undefined, path = '#'): Generator<readonly [string, JsonObject]> {
  if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* objects(one as Json, `${path}/${index}`);
  if (!isObject(value)) return;
  yield [path, value];
  for (const [key, one] of Object.entries(value)) yield* objects(one, `${path}/${key.replaceAll('/', '~1')}`);
}

describe('the description of the API', () => {
  test('is served as it is made', () => {
    expect(Object.keys((served['paths'] as JsonObject) ?? {})).toEqual(Object.keys((document['paths'] as JsonObject) ?? {}));
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Salvor', version: '1.2.3' } });
  });

  test('has every route, with an answer, its parameters and a name of its own', () => {
    const names = new Set<string>();
    for (const one of endpoints) {
      const operation = (document['paths'] as { [path: string]: { [method: string]: JsonObject } })[one.path]?.[one.method];
      expect([one.path, operation]).toEqual([one.path, expect.objectContaining({ summary: one.summary, operationId: expect.any(String) })]);
      if (operation === undefined) continue;
      names.add(JSON.stringify(operation['operationId']));
      expect(Object.keys(operation['responses'] as JsonObject).length).toBeGreaterThan(1);
      const parameters = operation['parameters'] as readonly JsonObject[];
      for (const [, name] of one.path.matchAll(/\{(\w+)\}/g))
        expect(parameters).toContainEqual({ name, in: 'path', required: true, schema: { type: 'string' } });
      for (const name of Object.keys(one.query?.shape ?? {}))
        expect(parameters.some((parameter) => parameter['in'] === 'query' && parameter['name'] === name)).toBe(true);
      expect([one.path, operation['requestBody'] !== undefined]).toEqual([one.path, one.body !== undefined]);
    }
    expect(names.size).toBe(endpoints.length);
  });

  test('lets only reading go without a person', () => {
    for (const one of endpoints) {
      const operation = (document['paths'] as { [path: string]: { [method: string]: JsonObject } })[one.path]?.[one.method];
      const open = ((operation?.['security'] ?? document['security']) as readonly JsonObject[]).some((way) => Object.keys(way).length === 0);
      expect([one.path, open]).toEqual([one.path, one.access !== 'person']);
    }
  });

  test('points only at shapes that it has, and has none that nothing points at', () => {
    const schemas = Object.keys((document['components'] as { schemas: JsonObject }).schemas);
    const used = new Set<string>();
    for (const [path, value] of objects(document)) {
      const { $ref: ref } = value;
      if (typeof ref !== 'string') continue;
      const name = ref.replace('#/components/schemas/', '');
      expect([path, schemas.includes(name)]).toEqual([path, true]);
      used.add(name);
    }
    expect(schemas.filter((name) => !used.has(name))).toEqual([]);
  });

  test('says nothing that belongs to one side only', () => {
    for (const [path, value] of objects(document)) {
      expect([path, value['readOnly'], value['$schema'], value['$id']]).toEqual([path, undefined, undefined, undefined]);
    }
  });
});
