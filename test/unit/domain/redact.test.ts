import { expect, test } from 'vitest';
import { redact, redactJson } from '../../../src/domain/redact.ts';
import { processorMs } from '../../processor-time.ts';

const jwt = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxIn0'}.c2lnbmF0dXJl`;

test.each([
  ['a Slack token', 'xoxb-123456789012-abcdefABCDEF', 'xoxb-***'],
  ['a Slack app token', 'xapp-1-A012-345-abcdef', 'xapp-***'],
  ['a Slack webhook', 'https://hooks.slack.com/services/T000/B000/XXXXXXXX', 'https://hooks.slack.com/services/***'],
  ['a bearer token', 'Authorization: Bearer abc.def-123456', 'Authorization: Bearer ***'],
  ['basic credentials', 'Authorization: Basic YW5hOnNlY3JldDE=', 'Authorization: Basic ***'],
  ['a JSON web token', `token ${jwt} expired`, 'token *** expired'],
  ['an AWS key id', 'key AKIAIOSFODNN7EXAMPLE is not allowed', 'key AKIA*** is not allowed'],
  ['a GitHub token', 'ghp_0123456789abcdefghij', 'ghp_***'],
  ['a private key', 'a\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/=\n-----END RSA PRIVATE KEY-----\nb', 'a\n***\nb'],
  ['a private key that was cut', '-----BEGIN PRIVATE KEY-----\nMIIEvQ', '***'],
  ['a password in a URL', 'redis://user:p@ss@redis-1:6379/0 refuses', 'redis://user:***@redis-1:6379/0 refuses'],
  ['a password without a user in a URL', 'redis://:hunter22@redis-1:6379', 'redis://:***@redis-1:6379'],
  [
    'a presigned S3 URL',
    'https://s3/b/k?X-Amz-Credential=AKIA%2F1&X-Amz-Date=20261121&X-Amz-Signature=abc123',
    'https://s3/b/k?X-Amz-Credential=***&X-Amz-Date=20261121&X-Amz-Signature=***',
  ],
  ['a presigned GCS URL', 'https://g/b?X-Goog-Signature=ff00&x=1', 'https://g/b?X-Goog-Signature=***&x=1'],
  ['a presigned Azure URL', 'https://a/c?sv=2021&sig=q%2Fz%3D', 'https://a/c?sv=2021&sig=***'],
  ['a token for a user in a URL', 'https://x0xt0ken@git.example.com/a', 'https://***@git.example.com/a'],
  ['a signature outside of its URL', 'X-Amz-Credential=AKIA%2F1 was refused', 'X-Amz-Credential=*** was refused'],
  ['a password of the environment', 'DB_PASSWORD=hunter22 PGHOST=db', 'DB_PASSWORD=*** PGHOST=db'],
  ['a password in YAML', 'adminPassword: hunter22', 'adminPassword: ***'],
  ['a token in YAML', 'token: abcdef0123456789abcdef', 'token: ***'],
  ['a secret in a settings file', 'aws_secret_access_key = wJalrXUtnFEMI/K7', 'aws_secret_access_key = ***'],
  ['a password in JSON', '{"password": "hunter22", "user": "ana"}', '{"password": "***", "user": "ana"}'],
])('%s is hidden, what is around it stays', (_, text, clean) => {
  expect(redact(text)).toBe(clean);
  expect(redact(clean)).toBe(clean);
});

test('ordinary text stays', () => {
  const text =
    'Backup daily-20261120 failed: secret velero/cloud-credentials not found, see https://example.com/a:b?x=1&key=2; basic functions work, invalid token: expired';
  expect(redact(text)).toBe(text);
});

test('in a value every text is scrubbed, fields and numbers stay', () => {
  expect(redactJson({ token: 'xoxb-1234-abcd', list: ['Bearer abcdef123', 7, null], deep: { ok: true } })).toEqual({
    token: 'xoxb-***',
    list: ['Bearer ***', 7, null],
    deep: { ok: true },
  });
});

test.each([
  'eyJ'.repeat(40_000),
  '-----BEGIN A-----'.repeat(10_000),
  'a'.repeat(200_000),
  '://'.repeat(60_000),
  'x://a:'.repeat(30_000),
  'Basic '.repeat(30_000),
  'password='.repeat(20_000),
  'token='.repeat(30_000),
  `token: ${'a'.repeat(200_000)}`,
])('hostile text of 100,000 characters and more is scrubbed in no time', (text) => {
  expect(processorMs(() => redact(text))).toBeLessThan(1500);
});
