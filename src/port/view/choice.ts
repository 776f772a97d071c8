import { z } from 'zod';
import { At, listOf } from './shape.ts';

/** What somebody can choose for a parameter, as it is now. */
export const Choice = z.object({ value: z.string(), note: z.string().optional().describe('What helps to choose: age, size, whether it is well') });
export type Choice = z.infer<typeof Choice>;

export const ChoiceList = z
  .object({
    items: listOf(Choice).describe('The best first: what fits what was typed, else what is nearest to it'),
    exact: z.boolean().describe('What was typed is one of them'),
    open: z.boolean().describe('Other values may be right, too'),
    asOf: At.optional().describe('When the cluster said so; absent: this needs no cluster'),
    unknown: z.string().optional().describe('Why nobody knows now what there is'),
  })
  .describe('Choices for a parameter');
export type ChoiceList = z.infer<typeof ChoiceList>;
