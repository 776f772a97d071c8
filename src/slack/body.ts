import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { Given } from './line/fill.ts';

/** A line that somebody typed, as Slack sends a command. */
export const Line = z.looseObject({
  text: z.string().default(''),
  user_id: z.string(),
  team_id: z.string(),
  channel_id: z.string(),
  channel_name: z.string().default(''),
  /** Empty: no form can be opened. */
  trigger_id: z.string(),
  response_url: z.string().optional(),
});
export type Line = z.infer<typeof Line>;

const LONGEST_VALUE = 2000;

/** Throws `request.invalid` for a value that nobody types. */
export function assertShort({ values, params }: Given): void {
  for (const [name, value] of [...values, ...params])
    if (value.length > LONGEST_VALUE) throw new SalvorError('request.invalid', `${name} is longer than ${LONGEST_VALUE} characters`);
}
