import { z } from 'zod';
import { parseDuration } from '../model/duration.ts';

/** The small forms that people write in `salvor.yaml`, and what they become. */

/** A value that is never in the file: the name of an environment variable, or the path of a file that is read again when it changes. */
export type Secret = { readonly env: string } | { readonly file: string };

const NEVER_INLINE = 'expected { env: NAME } or { file: PATH }; secrets are never written into this file';
export const SecretRef = z.union(
  [
    z.strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable')
        .describe('Name of the environment variable that holds the secret.'),
    }),
    z.strictObject({ file: z.string().min(1).describe('File that holds the secret; read again when it changes.') }),
  ],
  { error: NEVER_INLINE },
);

const SIZE_UNITS: { readonly [unit: string]: number } = { '': 1, B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1000, MB: 1000 ** 2, GB: 1000 ** 3 };

/** `16MiB` in bytes. */
export const Size = z.string().transform((text, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|kB|MB|GB)?$/.exec(text) ?? [];
  const factor = SIZE_UNITS[unit];
  if (amount !== undefined && factor !== undefined) return Math.round(Number(amount) * factor);
  context.addIssue({ code: 'custom', message: `expected a size such as 512KiB or 16MiB, found ${JSON.stringify(text)}` });
  return z.NEVER;
});

const PERIODS: { readonly [unit: string]: number } = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `3/h`: so many in so long. */
export const Rate = z.string().transform((text, context) => {
  const [, count, period = ''] = /^(\d+) ?\/ ?(\w+)$/.exec(text) ?? [];
  const perMs = PERIODS[period] ?? parseDuration(period);
  if (count !== undefined && perMs !== undefined && perMs > 0) return { count: Number(count), perMs };
  context.addIssue({ code: 'custom', message: `expected a rate such as 3/h or 10/d, found ${JSON.stringify(text)}` });
  return z.NEVER;
});

/** An address that begins with http:// or https:// and carries no password. */
export const Web = z.string().refine((text) => isWeb(text), 'expected an address such as https://salvor.example.com, without a password in it');

function isWeb(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.password === '';
}

export const HostPort = z.string().regex(/^[A-Za-z0-9._-]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'expected a host and a port such as redis-1:6379');
export const Port = z.int().min(0).max(65_535);
