import { describe, expect, test } from 'vitest';
import { assertSameOrigin } from '../../../src/console/origin.ts';

const PUBLIC = 'https://salvor.example.com/';
const behindProxy = { host: 'salvor.internal:8080', origin: 'https://salvor.example.com' };

describe('a form', () => {
  test.each([
    ['of the host that was asked', { host: 'salvor.example.com', origin: 'https://salvor.example.com' }],
    ['of the address that people use, behind a proxy that asks by another host', behindProxy],
    ['that the browser calls our own, whatever a proxy made of the rest', { host: 'x', origin: 'https://y', 'sec-fetch-site': 'same-origin' }],
    ['that a person sent again', { host: 'x', 'sec-fetch-site': 'none' }],
    ['of a program that is no browser', { host: 'x' }],
  ])('%s counts', (_, headers) => {
    expect(() => assertSameOrigin(headers, PUBLIC)).not.toThrow();
  });

  test.each([
    ['of another site', { host: 'salvor.example.com', origin: 'https://evil.example' }, PUBLIC],
    ['of the public address by another scheme', { host: 'x', origin: 'http://salvor.example.com' }, PUBLIC],
    ['of the public address by another port', { host: 'x', origin: 'https://salvor.example.com:444' }, PUBLIC],
    ['behind a proxy, where nobody said what the public address is', behindProxy, undefined],
    ['of nowhere', { host: 'x', origin: 'null' }, PUBLIC],
    ['that the browser calls foreign, whatever its origin', { host: 'x', origin: 'https://x', 'sec-fetch-site': 'cross-site' }, PUBLIC],
    ['of a neighbour under the same domain', { ...behindProxy, 'sec-fetch-site': 'same-site' }, PUBLIC],
  ])('%s is refused, and says which setting would make it ours', (_, headers, publicUrl) => {
    expect(() => assertSameOrigin(headers, publicUrl)).toThrow(/listen\.publicUrl/);
  });
});
