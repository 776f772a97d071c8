import { expect, test } from 'vitest';
import { textAt } from '../../../../src/world/object.ts';
import { openServer } from '../server.ts';
import { configMap, names, refused, said, version } from './stage.ts';

/** One server that forgets is enough for all of these: a real one takes seconds to start, compact and start again. */
test('what was forgotten is 410 in each of its forms, and each says how to go on', { timeout: 120_000 }, async () => {
  await using server = await openServer({ own: true });
  const path = `${server.path()}/configmaps`;
  const first = await server.request('POST', path, { body: configMap('a') });
  for (const name of ['b', 'c', 'd']) await server.request('POST', path, { body: configMap(name) });
  const page = await server.request('GET', `${path}?limit=1`);
  await server.request('POST', path, { body: configMap('e') });
  await server.forget();

  const watch = await server.watch(`${path}?watch=true&resourceVersion=${version(first)}`);
  expect([watch.status, watch.headers['content-type']]).toEqual([200, 'application/json']);
  expect(await watch.next()).toEqual({
    type: 'ERROR',
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(new RegExp(`^too old resource version: ${version(first)} \\(\\d+\\)$`)),
      reason: 'Expired',
      code: 410,
    },
  });
  expect(await watch.next()).toBeUndefined();

  expect(said(await server.request('GET', `${path}?resourceVersion=${version(first)}&resourceVersionMatch=Exact`))).toEqual(
    refused(410, { message: 'The resourceVersion for the provided list is too old.', reason: 'Expired' }),
  );
  const expired = await server.request('GET', `${path}?limit=1&continue=${textAt(page.body, 'metadata', 'continue')}`);
  expect(said(expired)).toEqual({
    status: 410,
    type: 'application/json',
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: { continue: expect.any(String) },
      status: 'Failure',
      message:
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      reason: 'Expired',
      code: 410,
    },
  });
  const rest = await server.request('GET', `${path}?continue=${textAt(expired.body, 'metadata', 'continue')}`);
  expect([rest.status, names(page).concat(names(rest))]).toEqual([200, ['a', 'b', 'c', 'd', 'e']]);
  expect(names(await server.request('GET', `${path}?resourceVersion=${version(first)}`))).toEqual(['a', 'b', 'c', 'd', 'e']);
});
