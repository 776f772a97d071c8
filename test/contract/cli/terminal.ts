import { Readable } from 'node:stream';
import type { Context } from '../../../src/cli/context.ts';
import { salvor } from '../../../src/cli/salvor.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import { systemIds } from '../../../src/port/ids.ts';

export type Said = { readonly code: number; readonly out: string; readonly err: string };

export type Sitting = {
  readonly url?: string;
  /** Whose token is in the environment; none: nobody's. */
  readonly person?: string;
  readonly environment?: Context['environment'];
  readonly stdin?: string;
  readonly isTerminal?: boolean;
  readonly colour?: boolean;
  readonly clock?: Clock;
  readonly stop?: AbortSignal;
  /** Told of everything printed, as it is printed. */
  readonly heard?: (text: string) => void;
};

/** Carries out one command line as a person at a terminal does, and keeps what it said. */
export async function say(words: readonly string[], sitting: Sitting = {}): Promise<Said> {
  const { url, person, clock = systemClock, stdin = '', heard, stop = new AbortController().signal } = sitting;
  const out: string[] = [];
  const err: string[] = [];
  const code = await salvor(words, {
    io: {
      stdout: (text) => {
        out.push(text);
        heard?.(text);
      },
      stderr: (text) => void err.push(text),
      colour: sitting.colour === true,
    },
    environment: {
      ...(url === undefined ? {} : { SALVOR_URL: url }),
      ...(person === undefined ? {} : { SALVOR_TOKEN: `token-of-${person}` }),
      ...sitting.environment,
    },
    clock,
    ids: systemIds,
    stop: () => stop,
    stdin: Object.assign(Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]), { isTTY: sitting.isTerminal === true }),
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** The first line: it has to be the answer. */
export function firstLine({ out }: Said): string {
  return out.split('\n')[0] ?? '';
}
