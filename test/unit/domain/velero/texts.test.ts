import { expect, test } from 'vitest';
import { logDigest, logFields } from '../../../../src/domain/velero/log-digest.ts';
import { cut, redact } from '../../../../src/domain/velero/redact.ts';
import { answerText } from './answers.ts';

test('a log is digested to its errors, then its warnings, as sentences', () => {
  expect(logDigest(answerText('no-node-agent.log'))).toEqual([
    { level: 'error', text: 'Error backing up item: daemonset pod not found in running state in node node-2, name p' },
    { level: 'warning', text: 'Skip pod volume d: daemonset pod not found in running state in node node-2, namespace vols, resource pods, name p' },
  ]);
});

test('quotes inside a message are kept, and do not end it', () => {
  const [first] = logDigest(answerText('hook-failed.log'));
  expect(first?.text).toBe(
    'Error executing hook: Internal error occurred: error executing command in container: no exec found for container "p" in pod "hooks/p"',
  );
  expect(logFields('a="x=\\"y\\"" b=2 c=').get('a')).toBe('x="y"');
  expect(logFields('a="x" b=2').get('b')).toBe('2');
  expect(logFields('a="never closed').get('a')).toBe('never closed');
});

test('a long log becomes eight different short lines', () => {
  const line = (n: number): string => `time="t" level=error msg="${'x'.repeat(900)} ${n % 20}" backup=velero/a`;
  const distinct = (n: number): string => `time="t" level=error msg="failure ${n % 20} ${'x'.repeat(900)}" backup=velero/a`;
  const all = Array.from({ length: 2000 }, (_, n) => `${distinct(n)}\n${line(n)}\ntime="t" level=info msg="fine"`).join('\n');
  const digest = logDigest(all);
  expect(digest).toHaveLength(8);
  expect(new Set(digest.map(({ text }) => text)).size).toBe(8);
  expect(digest.every(({ text }) => text.length <= 300)).toBe(true);
});

test('what lets a reader into the storage is taken out', () => {
  const url = answerText('presigned-url.txt');
  const clean = redact(`Get "${url}": connection refused`);
  expect(clean).not.toContain('X-Amz');
  expect(clean).not.toContain('c7c527930698b82842710b073b48fd74e6cfedecab83e72d3ce01fd7661852d1');
  expect(clean).toContain('/velero/backups/good/good-logs.gz?…": connection refused');
  expect(redact('https://ana:hunter2@s3.example.com/x')).toBe('https://…@s3.example.com/x');
  expect(redact('Authorization: Bearer abc.def-ghi sent')).not.toContain('abc.def');
  expect(redact('key AKIAIOSFODNN7EXAMPLE refused')).toBe('key … refused');
  expect(redact('aws_secret_access_key=wJalrXUtnFEMI region=x')).toBe('aws_secret_access_key=… region=x');
  expect(redact('the token "abc" and items 3 of 4')).toBe('the token "abc" and items 3 of 4');
});

test('hostile text is redacted in linear time', () => {
  const hostile = `${'https://a?'.repeat(20_000)}${'://'.repeat(20_000)}${'eyJ'.repeat(20_000)}${'token='.repeat(10_000)}`;
  expect(redact(hostile).length).toBeLessThan(hostile.length);
}, 2_000);

test('a cut text says that it was cut', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('ab…');
});
