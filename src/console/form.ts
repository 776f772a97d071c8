import type { Request } from 'express';

/** What a form sent: every field as text. A field that came twice counts as its first. */
export type Form = { readonly field: (name: string) => string; readonly names: readonly string[] };

export const EMPTY_FORM: Form = { field: () => '', names: [] };

export function formOf({ body }: Pick<Request, 'body'>): Form {
  const sent: unknown = body;
  if (typeof sent !== 'object' || sent === null) return EMPTY_FORM;
  return { field: (name) => (Object.hasOwn(sent, name) ? textOf(Reflect.get(sent, name)) : ''), names: Object.keys(sent) };
}

/** The text of a field, of a part of the path or of the query; what is no text is empty. */
export function textOf(value: unknown): string {
  const [first] = [value].flat();
  return typeof first === 'string' ? first : '';
}
