import { describe, expect, test } from 'vitest';
import { authenticator } from '../../../src/http/api/authenticate.ts';
import { isLocal } from '../../../src/http/is-local.ts';
import type { Caller } from '../../../src/port/commands.ts';

const callerOf = (person: string): Caller => ({ person, rights: ['read'], surface: 'api' });

describe('a bearer token', () => {
  const people = [
    { person: 'ana', token: 'a-token' },
    { person: 'ben', token: 'b-token' },
    { person: 'cleo', token: '' },
  ];
  const authenticate = authenticator({ tokens: () => people, callerOf });

  test('names its person, whatever the case of the scheme', () => {
    expect(['Bearer a-token', 'bearer b-token', 'BEARER  a-token '].map((text) => authenticate(text)?.person)).toEqual(['ana', 'ben', 'ana']);
  });

  test('that is wrong, empty, of another scheme or not there names nobody', () => {
    for (const text of [undefined, '', 'Bearer', 'Bearer ', 'Bearer a-tokenx', 'Bearer a-toke', 'Basic a-token', 'a-token', 'Bearer a-token b-token'])
      expect([text, authenticate(text)]).toEqual([text, undefined]);
  });

  test('is looked up anew each time: a token that was taken away is worth nothing', () => {
    let tokens = people;
    const live = authenticator({ tokens: () => tokens, callerOf });
    expect(live('Bearer a-token')?.person).toBe('ana');
    tokens = [{ person: 'ana', token: 'new' }];
    expect([live('Bearer a-token'), live('Bearer new')?.person]).toEqual([undefined, 'ana']);
  });
});

describe('this machine', () => {
  const from = (remoteAddress: string | undefined, headers: Record<string, string> = { host: 'localhost:8080' }) =>
    isLocal({ headers, socket: { remoteAddress } });

  test('is a loopback address under a loopback name', () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'].map((address) => from(address))).toEqual([true, true, true, true]);
    expect(['localhost', '127.0.0.1:1', '[::1]:8080', 'LOCALHOST:8080'].map((host) => from('::1', { host }))).toEqual([true, true, true, true]);
  });

  test('is no other address, no other name, and nothing that was passed on', () => {
    expect(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', undefined].map((address) => from(address))).toEqual([false, false, false, false]);
    expect(['localhost.example.com', '127.0.0.1.example.com', 'example.com', ''].map((host) => from('::1', { host }))).toEqual([false, false, false, false]);
    expect(from('::1', {})).toBe(false);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) expect(from('::1', { host: 'localhost', [name]: '1.2.3.4' })).toBe(false);
  });
});
