import { expect, test } from 'vitest';
import { redact } from '../../../../src/domain/redact.ts';
import { logDigest, logFields } from '../../../../src/domain/velero/log-digest.ts';
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
  const clean = redact(`Get "${answerText('presigned-url.txt')}": connection refused`);
  expect(clean).not.toMatch(/[0-9a-f]{64}/);
  expect(clean).toMatch(/X-Amz-Credential=\*\*\*&.*X-Amz-Signature=\*\*\*/);
  expect(clean).toContain('/velero/backups/good/good-logs.gz?');
});
