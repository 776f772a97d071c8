import { z } from 'zod';
import { At, listOf } from './shape.ts';

export const OnCallView = z.object({
  name: z.string().describe('Whom a ladder pages, or a team whose members the pager keeps (oncall:SCHEDULE)'),
  who: listOf(z.string()).describe('As the pager calls them; of a team the people of the configuration. Empty: not known, or nobody'),
  at: At.optional().describe('When the pager said so; absent: it never did'),
  called: listOf(z.string()).describe('What calls them, in words: "default, after 15m"'),
  problem: z.string().optional().describe('Why nobody is named'),
});
export type OnCallView = z.infer<typeof OnCallView>;

export const OnCallList = z
  .object({ items: listOf(OnCallView), problem: z.string().optional().describe('Why the pager cannot be asked now, or could not the last time') })
  .describe('Who is on call now, as the pager last said');
export type OnCallList = z.infer<typeof OnCallList>;
