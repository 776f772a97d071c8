/** What somebody typed behind `/dr`, as words. Everything in it is data; nothing here knows what a word means. */
export type Word = {
  readonly text: string;
  /** Quotation marks were around it: it is never an option. */
  readonly quoted: boolean;
};

/** The name of a person by their Slack id; undefined: the configuration knows nobody with it. */
export type NameOf = (slackId: string) => string | undefined;

/** Marks that open a quotation, and what closes it; telephones type the round ones. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['“', '”'],
  ['„', '“'],
  ['‘', '’'],
]);

const ESCAPED = /<(?<to>(?:@[UW]|#[CG]|!subteam\^S)[A-Z0-9]+|!\w+|(?:https?|mailto|tel):[^|>]*)(?:\|(?<label>[^>]*))?>/g;

/** A text of Slack as its author typed it. */
export function plainOf(text: string, nameOf: NameOf): string {
  return undone(text, nameOf);
}

/** Splits a line at white space. A quotation mark counts at the beginning of a word or behind its `=`; one that nothing closes is a mark like others. */
export function wordsOf(line: string, nameOf: NameOf): readonly Word[] {
  const text = undone(line, nameOf);
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    const [word, next] = wordAt(text, at);
    words.push(word);
    at = next;
  }
  return words;
}

function wordAt(text: string, from: number): readonly [Word, number] {
  const whole = quotation(text, from);
  if (whole !== undefined) return [{ text: whole.inside, quoted: true }, whole.end];
  let at = from;
  while (at < text.length && !/\s/.test(text.charAt(at))) {
    const value = text.charAt(at) === '=' ? quotation(text, at + 1) : undefined;
    if (value !== undefined) return [{ text: `${text.slice(from, at + 1)}${value.inside}`, quoted: false }, value.end];
    at += 1;
  }
  return [{ text: text.slice(from, at), quoted: false }, at];
}

/** The quotation that begins here and ends a word. */
function quotation(text: string, from: number): { readonly inside: string; readonly end: number } | undefined {
  const close = QUOTES.get(text.charAt(from));
  if (close === undefined) return undefined;
  for (let at = text.indexOf(close, from + 1); at !== -1; at = text.indexOf(close, at + 1)) {
    const behind = text.charAt(at + 1);
    if (behind === '' || /\s/.test(behind)) return { inside: text.slice(from + 1, at), end: at + 1 };
  }
  return undefined;
}

/**
 * Undoes what Slack does to a command's text: people become their names here, channels and links the words that were typed, then the three signs that it
 * escapes. `&amp;` last, or `&amp;lt;` would become a sign that nobody typed.
 */
function undone(line: string, nameOf: NameOf): string {
  return line
    .replaceAll(ESCAPED, (_all, to: string, label: string | undefined) => {
      const [kind, id] = [to.charAt(0), to.slice(1)];
      if (kind === '@') return nameOf(id) ?? `@${label ?? id}`;
      return label ?? (kind === '!' ? `@${id}` : to);
    })
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
