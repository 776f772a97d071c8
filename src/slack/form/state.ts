import { z } from 'zod';
import { fieldOf } from './start-form.ts';

/** What is filled into a form, as Slack sends it: by block, then by action. */
export const State = z.looseObject({
  values: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        value: z.string().nullish(),
        selected_option: z.looseObject({ value: z.string() }).nullish(),
        selected_options: z.array(z.looseObject({ value: z.string() })).nullish(),
      }),
    ),
  ),
});
export type State = z.infer<typeof State>;

/** A field with its value and the block that it stands in. */
export type Filled = { readonly field: string; readonly block: string; readonly value: string };

/** Fields that have a value, by their names. */
export function filledIn({ values }: State): readonly Filled[] {
  return Object.entries(values).flatMap(([block, actions]) =>
    Object.values(actions).flatMap(({ value, selected_option: one, selected_options: several }) => {
      const text = (one?.value ?? several?.[0]?.value ?? value ?? '').trim();
      return text === '' ? [] : [{ field: fieldOf(block), block, value: text }];
    }),
  );
}
