import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { statusFault, transportFault, watchFault } from '../../../src/kube/error.ts';
import type { ErrorCode, Retry } from '../../../src/model/error.ts';

/** Answers of a real API server, byte by byte. */
const Answers = z.record(z.string(), z.object({ request: z.string(), status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }));
const answers = Answers.parse(JSON.parse(readFileSync(new URL('../../fixtures/kube/answers.json', import.meta.url), 'utf8')));

type Row = {
  readonly answer: string;
  readonly write?: boolean;
  readonly code: ErrorCode;
  readonly retry: Retry;
  readonly afterMs?: number;
  readonly text: string;
};

const rows: readonly Row[] = [
  { answer: 'wrong-token', code: 'kube.unauthorized', retry: 'later', text: 'does not accept our token or client certificate (401)' },
  {
    answer: 'forbidden',
    write: true,
    code: 'kube.forbidden',
    retry: 'never',
    text: 'system:serviceaccount:app:bot may not delete pods in app; salvor rbac | kubectl apply -f - gives the right',
  },
  { answer: 'not-found', code: 'kube.not-found', retry: 'never', text: 'prod: configmaps "nope" not found' },
  { answer: 'unknown-path', code: 'kube.not-found', retry: 'never', text: 'prod: 404 page not found' },
  { answer: 'namespace-missing', write: true, code: 'kube.not-found', retry: 'never', text: 'namespaces "nope" not found' },
  { answer: 'namespace-terminating', write: true, code: 'kube.conflict', retry: 'later', text: 'is being terminated' },
  { answer: 'name-exists', write: true, code: 'kube.exists', retry: 'never', text: 'configmaps "ssa" already exists' },
  { answer: 'patch-stale', write: true, code: 'kube.conflict', retry: 'now', text: 'the object has been modified' },
  { answer: 'patch-other-uid', write: true, code: 'kube.conflict', retry: 'now', text: 'field is immutable' },
  { answer: 'delete-other-uid', write: true, code: 'kube.conflict', retry: 'now', text: 'the UID in the precondition' },
  { answer: 'delete-stale', write: true, code: 'kube.conflict', retry: 'now', text: 'the ResourceVersion in the precondition' },
  { answer: 'evict-other-uid', write: true, code: 'kube.conflict', retry: 'now', text: 'the UID in the precondition' },
  { answer: 'json-patch-test', write: true, code: 'kube.invalid', retry: 'never', text: 'the server rejected our request' },
  { answer: 'invalid-object', write: true, code: 'kube.invalid', retry: 'never', text: 'Not_A_Name' },
  { answer: 'unknown-field', write: true, code: 'kube.invalid', retry: 'never', text: 'unknown field "dta"' },
  { answer: 'unsupported-type', write: true, code: 'kube.invalid', retry: 'never', text: '415: Unsupported Media Type' },
  { answer: 'continue-expired', code: 'kube.expired', retry: 'now', text: 'The provided continue parameter is too old' },
  { answer: 'list-expired', code: 'kube.expired', retry: 'now', text: 'The resourceVersion for the provided list is too old.' },
  { answer: 'flow-control', code: 'kube.too-many-requests', retry: 'later', afterMs: 1000, text: 'prod: Too many requests, please try again later.' },
  {
    answer: 'evict-budget-exhausted',
    write: true,
    code: 'kube.too-many-requests',
    retry: 'later',
    text: 'The disruption budget web needs 6 healthy pods and has 6 currently',
  },
  {
    answer: 'evict-budget-unseen',
    write: true,
    code: 'kube.too-many-requests',
    retry: 'later',
    afterMs: 10_000,
    text: 'is still being processed by the server',
  },
  { answer: 'evict-two-budgets', write: true, code: 'kube.invalid', retry: 'never', text: 'more than one PodDisruptionBudget' },
  { answer: 'evict-gone', write: true, code: 'kube.not-found', retry: 'never', text: 'pods "web-7cc67d6897-5lnl9" not found' },
  { answer: 'evict-name-mismatch', write: true, code: 'kube.invalid', retry: 'never', text: 'name in URL does not match' },
  { answer: 'version-malformed', code: 'kube.invalid', retry: 'never', text: 'resourceVersion: Invalid value' },
  { answer: 'version-future', code: 'kube.timeout', retry: 'later', afterMs: 1000, text: 'Too large resource version: 1000803' },
  { answer: 'etcd-frozen-get', code: 'kube.timeout', retry: 'later', text: 'prod: Timeout: request did not complete within the allotted timeout' },
  { answer: 'etcd-frozen-patch', write: true, code: 'kube.timeout', retry: 'later', text: 'rpc error: code = Unavailable' },
  { answer: 'etcd-frozen-patch', write: false, code: 'kube.unavailable', retry: 'later', text: 'rpc error: code = Unavailable' },
];

test('every recorded answer is in the table', () => {
  expect([...new Set(rows.map((row) => row.answer))].sort()).toEqual(Object.keys(answers).sort());
});

test.each(rows)('$answer (write: $write) is $code, retry $retry', ({ answer, write = false, code, retry, afterMs, text }) => {
  const seen = answers[answer];
  if (seen === undefined) throw new Error(`no recorded answer ${answer}`);
  const fault = statusFault({ cluster: 'prod', status: seen.status, body: seen.body, retryAfter: seen.headers['retry-after'], write });
  expect({ code: fault.code, retry: fault.retry, afterMs: fault.retryAfterMs }).toEqual({ code, retry, afterMs });
  expect(fault.message).toContain(text);
  expect(fault.message).not.toContain('\n');
});

describe('what callers of this room ask about', () => {
  const details = (name: string): unknown => {
    const seen = answers[name];
    return seen && statusFault({ cluster: 'prod', status: seen.status, body: seen.body, write: true }).details;
  };

  test('a budget is told apart from a busy server', () => {
    expect(details('evict-budget-exhausted')).toEqual({ status: 429, budget: true });
    expect(details('evict-two-budgets')).toEqual({ status: 500, budget: true });
    expect(details('flow-control')).toEqual({ status: 429 });
  });

  test('a path that is not served is told apart from an object that is not there', () => {
    expect(details('unknown-path')).toEqual({ status: 404, unknownPath: true });
    expect(details('not-found')).toEqual({ status: 404 });
    // A built-in group answers with a Status, without a name.
    const body = JSON.stringify({ kind: 'Status', message: 'the server could not find the requested resource', reason: 'NotFound', details: {}, code: 404 });
    expect(statusFault({ cluster: 'prod', status: 404, body, write: false }).details).toEqual({ status: 404, unknownPath: true });
  });
});

test('without the header, the seconds of the Status say how long to wait', () => {
  const body = JSON.stringify({ message: 'busy', details: { retryAfterSeconds: 7 }, code: 429 });
  expect(statusFault({ cluster: 'prod', status: 429, body, write: false }).retryAfterMs).toBe(7000);
  expect(statusFault({ cluster: 'prod', status: 429, body, retryAfter: 'Fri, 20 Nov 2026 08:00:00 GMT', write: false }).retryAfterMs).toBe(7000);
});

test.each([
  { status: 502, write: true, code: 'kube.timeout' },
  { status: 502, write: false, code: 'kube.unavailable' },
  { status: 503, write: true, code: 'kube.timeout' },
  { status: 503, write: false, code: 'kube.unavailable' },
  { status: 404, write: true, code: 'kube.timeout' },
  { status: 404, write: false, code: 'kube.unavailable' },
  { status: 418, write: true, code: 'kube.invalid' },
  { status: 301, write: false, code: 'kube.unavailable' },
])("a load balancer's page with $status (write: $write) is $code and shows no markup", ({ status, write, code }) => {
  const fault = statusFault({ cluster: 'prod', status, body: '<html><h1>Bad Gateway</h1></html>', write });
  expect(fault.code).toBe(code);
  expect(fault.message).toBe(`prod: answered ${status}`);
});

test('a server that says itself that it is unavailable has not written', () => {
  const body = JSON.stringify({ message: 'apiserver is shutting down', reason: 'ServiceUnavailable', code: 503 });
  expect(statusFault({ cluster: 'prod', status: 503, body, write: true })).toMatchObject({ code: 'kube.unavailable', retry: 'later' });
});

test('a webhook that cannot be called refuses before the write', () => {
  const body = JSON.stringify({ message: 'Internal error occurred: failed calling webhook "x": connection refused', reason: 'InternalError', code: 500 });
  expect(statusFault({ cluster: 'prod', status: 500, body, write: true })).toMatchObject({ code: 'kube.unavailable', retry: 'later' });
});

test('a long message is cut', () => {
  const fault = statusFault({ cluster: 'prod', status: 400, body: JSON.stringify({ message: 'x'.repeat(10_000) }), write: false });
  expect(fault.message.length).toBeLessThan(600);
});

describe('the ERROR line of a watch', () => {
  test('410 inside a 200 is expired', () => {
    const line: unknown = JSON.parse(readFileSync(new URL('../../fixtures/kube/watch-expired.jsonl', import.meta.url), 'utf8'));
    const { object } = z.object({ object: z.unknown() }).parse(line);
    expect(watchFault('prod', object)).toMatchObject({ code: 'kube.expired', retry: 'now' });
  });

  test('anything else is unavailable', () => {
    expect(watchFault('prod', { message: 'etcdserver: mvcc', code: 500 })).toMatchObject({ code: 'kube.unavailable', retry: 'later' });
    expect(watchFault('prod', null)).toMatchObject({ code: 'kube.unavailable', retry: 'later' });
  });
});

describe('a request that got no answer', () => {
  const broken = (code: string): Error => Object.assign(new Error('socket'), { code });

  test.each([
    { code: 'ECONNREFUSED', words: 'prod: refuses connections' },
    { code: 'ENOTFOUND', words: 'prod: has a server name that does not resolve' },
    { code: 'CERT_HAS_EXPIRED', words: 'prod: does not pass the TLS check (CERT_HAS_EXPIRED)' },
    { code: 'ECONNRESET', words: 'prod: broke the connection' },
    { code: 'HPE_INVALID_CONSTANT', words: 'prod: broke the connection (HPE_INVALID_CONSTANT)' },
  ])('$code is unavailable', ({ code, words }) => {
    const fault = transportFault({ cluster: 'prod', error: broken(code), write: false, sent: true, late: false });
    expect(fault).toMatchObject({ code: 'kube.unavailable', retry: 'later', message: words });
  });

  test('a write that may have arrived is a timeout: its outcome is unknown', () => {
    expect(transportFault({ cluster: 'prod', error: broken('ECONNRESET'), write: true, sent: true, late: false }).code).toBe('kube.timeout');
    expect(transportFault({ cluster: 'prod', error: broken('x'), write: true, sent: true, late: true }).code).toBe('kube.timeout');
  });

  test('a write that cannot have arrived was not done', () => {
    expect(transportFault({ cluster: 'prod', error: broken('ECONNREFUSED'), write: true, sent: false, late: false }).code).toBe('kube.unavailable');
    expect(transportFault({ cluster: 'prod', error: broken('x'), write: true, sent: false, late: true }).code).toBe('kube.unavailable');
  });

  test('a read that is late is a timeout', () => {
    expect(transportFault({ cluster: 'prod', error: broken('x'), write: false, sent: false, late: true }).code).toBe('kube.timeout');
  });
});
