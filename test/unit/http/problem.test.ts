import { describe, expect, test } from 'vitest';
import { problemOf, statusOf } from '../../../src/http/problem.ts';
import { SalvorError } from '../../../src/model/error.ts';

describe('problems', () => {
  test.each([
    ['request.invalid', 400],
    ['request.unauthorized', 401],
    ['request.forbidden', 403],
    ['approval.not-allowed', 403],
    ['request.not-found', 404],
    ['playbook.unknown', 404],
    ['request.method', 405],
    ['approval.plan-changed', 409],
    ['request.too-large', 413],
    ['request.media-type', 415],
    ['approval.confirmation-missing', 422],
    ['internal', 500],
    ['store.full', 503],
    ['store.unavailable', 503],
    ['server.draining', 503],
  ] as const)('%s is %i', (code, status) => {
    expect(statusOf(code)).toBe(status);
  });

  test('keep the words of a fault, and the facts that belong to it', () => {
    const error = new SalvorError('approval.plan-changed', 'it changed', { details: { digest: 'abc' } });
    expect(problemOf(error)).toMatchObject({ status: 409, code: 'approval.plan-changed', detail: 'it changed', facts: { digest: 'abc' } });
  });

  test('say when to come back, and how to say who one is', () => {
    expect(problemOf(new SalvorError('store.full', 'no room', { retryAfterMs: 1200 })).headers).toEqual({ 'retry-after': '2' });
    expect(problemOf(new SalvorError('request.unauthorized', 'who?')).headers).toEqual({ 'www-authenticate': 'Bearer realm="salvor"' });
  });

  test('of anything else keep its words to ourselves', () => {
    for (const error of [new Error('secret'), 'secret', undefined, { type: 'unknown', message: 'secret' }]) {
      expect(problemOf(error)).toMatchObject({ status: 500, code: 'internal' });
      expect(JSON.stringify(problemOf(error))).not.toContain('secret');
    }
  });

  test('of the body are problems of the request', () => {
    const thrown = (type: string) => Object.assign(new Error('it'), { type });
    expect(['entity.too.large', 'entity.parse.failed', 'encoding.unsupported'].map((type) => problemOf(thrown(type)).status)).toEqual([413, 400, 415]);
    expect(problemOf(new URIError('malformed')).status).toBe(400);
  });
});
