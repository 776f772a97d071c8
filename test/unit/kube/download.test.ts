import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unpack } from '../../../src/kube/download.ts';

test('no more is taken from the source than the limit needs', async () => {
  // Noise does not shrink: the archive is as long as the text.
  const archive = gzipSync(randomBytes(1024 * 1024));
  let taken = 0;
  const slices = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < archive.length; at += 1024) {
      taken += 1;
      yield archive.subarray(at, at + 1024);
    }
  };
  expect((await unpack(slices(), 1_000)).cut).toBe(true);
  // Streams read some 64 KiB ahead.
  expect(taken).toBeLessThan(400);
});

test('a source without an end is cut', async () => {
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.from('line\n');
  };
  expect(await unpack(endless(), 12)).toEqual({ text: 'line\nline\nli', cut: true });
});

test('the two bytes that tell may arrive apart', async () => {
  const archive = gzipSync('text');
  const apart = async function* (): AsyncGenerator<Uint8Array> {
    for (const byte of archive) yield Uint8Array.of(byte);
  };
  expect(await unpack(apart(), 100)).toEqual({ text: 'text', cut: false });
});
