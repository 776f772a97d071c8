import { expect, test } from 'vitest';
import { callerOf, personWith } from '../../../src/command/access.ts';
import { matchDigest } from '../../../src/command/find.ts';
import { shortId } from '../../../src/model/identity.ts';
import { policy } from '../../contract/api/site.ts';

test('an id is written without its kind', () => {
  expect([shortId('run/abc-1'), shortId('incident/abc-1'), shortId('abc-1')]).toEqual(['abc-1', 'abc-1', 'abc-1']);
});

test('a digest is meant by its first eight characters or more, in either case, and by no fewer', () => {
  const digest = 'ab12cd34ef56'.padEnd(64, '0');
  expect([digest, 'ab12cd34', 'AB12CD34EF'].map((given) => matchDigest(given, digest))).toEqual([true, true, true]);
  expect([`${digest}0`, 'ab12cd35', 'b12cd34e'].map((given) => matchDigest(given, digest))).toEqual([false, false, false]);
  expect(() => matchDigest('ab12cd3', digest)).toThrow('too short');
  expect(() => matchDigest('', digest)).toThrow('too short');
});

test('a caller has the rights of their teams, and nobody has only what everybody may', () => {
  expect(callerOf(policy, 'ana', 'cli')).toEqual({ person: 'ana', surface: 'cli', rights: ['read', 'run', 'pause'] });
  expect(callerOf(policy, undefined, 'api').rights).toEqual(['read']);
  expect(callerOf({ ...policy, rights: { ...policy.rights, read: ['platform'], run: 'everyone' } }, undefined, 'api').rights).toEqual([]);
});

test('a refusal says which right, and who has it', () => {
  expect(() => personWith(callerOf(policy, 'ana', 'api'), 'supersede', policy)).toThrow('ana has not the right "supersede"; it belongs to incident-command');
  expect(() => personWith(callerOf(policy, undefined, 'api'), 'run', policy)).toThrow('needs a person');
});
