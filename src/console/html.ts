import { visible } from '../domain/plain.ts';

/** Markup. Only `html` makes it, so whatever else is put into a page is text. */
export class Html {
  readonly #markup: string;
  constructor(markup: string) {
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

export type Content = Html | string | number | false | undefined | readonly Content[];

/** HTML from a template. Every value is escaped, for elements and for attributes in double quotes, and loses what nobody can see; only `Html` is put in as it is. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, at) => part + markupOf(values[at])).join(''));
}

function markupOf(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escaped(visible(String(value)));
}

/** `&` first, or the others would be escaped twice. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
