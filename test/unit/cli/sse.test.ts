import { expect, test } from 'vitest';
import { readEvents, type Sent } from '../../../src/cli/sse.ts';

async function read(...pieces: readonly string[]): Promise<readonly Sent[]> {
  const encoder = new TextEncoder();
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield encoder.encode(piece);
  }
  const sent: Sent[] = [];
  for await (const one of readEvents(body())) sent.push(one);
  return sent;
}

test('reads ids and texts, also when they come in pieces and with other line ends', async () => {
  expect(await read('id: a\ndata: on', 'e\n\n', 'id: b\r\ndata: two\r', '\ndata: lines\r\n\r\n')).toEqual([
    { id: 'a', text: 'one' },
    { id: 'b', text: 'two\nlines' },
  ]);
});

test('an id alone moves the place and has no text; comments and unknown fields are nothing', async () => {
  expect(await read(': still here\n\n', 'retry: 2000\nid: a\n\n', 'event: x\ndata:no space\n\n')).toEqual([
    { id: 'a', text: undefined },
    { id: undefined, text: 'no space' },
  ]);
});

test('what breaks off before its empty line never came', async () => {
  expect(await read('id: a\ndata: one\n\nid: b\ndata: tw')).toEqual([{ id: 'a', text: 'one' }]);
});

test('characters that are cut between pieces are put together', async () => {
  const bytes = new TextEncoder().encode('data: größer\n\n');
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  const sent: Sent[] = [];
  for await (const one of readEvents(body())) sent.push(one);
  expect(sent).toEqual([{ id: undefined, text: 'größer' }]);
});
