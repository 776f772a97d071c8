import type { RunView } from '../../port/view/run.ts';
import type { Html } from '../html.ts';
import type { Seat } from '../layout.ts';
import type { Session } from '../session.ts';
import { type FormParts, formTo } from './form.ts';

/** Somebody who is logged in. */
export type Seated = Seat & { readonly session: Session };

export const pathOf = ({ id }: Pick<RunView, 'id'>): string => `/runs/${encodeURIComponent(id)}`;

/** A form that tells a run something. */
export function to(
  run: Pick<RunView, 'id'>,
  { session }: Pick<Seated, 'session'>,
  of: { readonly what: string } & Omit<FormParts, 'session' | 'action'>,
): Html {
  return formTo({ ...of, session, action: `${pathOf(run)}/${of.what}` });
}
