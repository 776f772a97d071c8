/** One server-sent event: its id moves the place to go on from, also where it has no text. */
export type Sent = { readonly id: string | undefined; readonly text: string | undefined };

/** Reads a stream of server-sent events (WHATWG HTML, "Server-sent events"). `heard` is told of every piece that arrives, comments too. */
export async function* readEvents(body: AsyncIterable<Uint8Array> | null, heard: () => void = () => undefined): AsyncGenerator<Sent> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  let id: string | undefined;
  let lines: string[] = [];
  for await (const piece of body) {
    heard();
    rest += decoder.decode(piece, { stream: true });
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(rest);
      if (end === null) break;
      const line = rest.slice(0, end.index);
      rest = rest.slice(end.index + end[0].length);
      if (line === '') {
        if (lines.length > 0 || id !== undefined) yield { id, text: lines.length > 0 ? lines.join('\n') : undefined };
        id = undefined;
        lines = [];
        continue;
      }
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'data') lines.push(value);
      else if (field === 'id' && !value.includes('\0')) id = value;
    }
  }
}
