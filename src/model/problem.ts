/** Something wrong in a file that people write, where it is and what to do about it. */
export type Problem = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `slack.botTokn`, `stages[1].steps[0].action`; empty where it is about the whole file. */
  readonly field: string;
  /** What was found, what was expected, the nearest right name. */
  readonly message: string;
  /** It does not stop a start or a load. */
  readonly warning?: true;
};

/** Where a field is inside a file: keys and list indexes from the top. */
export type FieldPath = readonly (string | number)[];

export type Position = { readonly file: string; readonly line: number; readonly column: number };

/** Finds a field in a file: its key (for names that are wrong) or its value. What is not there: the nearest thing around it. */
export type PositionOf = (path: FieldPath, what?: 'key' | 'value') => Position;

/** `salvor.yaml:14:5: slack.botTokn: unknown setting. Did you mean botToken?` */
export function problemText(problem: Problem): string {
  const { file, line, column, field, message, warning } = problem;
  return `${file}:${line}:${column}: ${field === '' ? '' : `${field}: `}${warning ? 'warning: ' : ''}${message}`;
}

/** A problem at a field of a file. */
export function problemAt(
  positionOf: PositionOf,
  of: { readonly path: FieldPath; readonly message: string; readonly what?: 'key' | 'value'; readonly warning?: true },
): Problem {
  return { ...positionOf(of.path, of.what), field: fieldName(of.path), message: of.message, ...(of.warning ? { warning: true } : {}) };
}

/** `['stages', 1, 'steps']` as `stages[1].steps`. */
export function fieldName(path: FieldPath): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

/** By file, then place; warnings after what stops. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const weight = (problem: Problem): number => (problem.warning ? 1 : 0);
  return [...problems].sort((a, b) => weight(a) - weight(b) || (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column);
}

/** The known name that was probably meant: at most a third of its letters differ, or it is the same but for case and dashes. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const distance = plain(name) === plain(word) ? 0 : editDistance(word.slice(0, 100), name);
    if (distance <= Math.max(1, Math.floor(name.length / 3)) && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name, distance };
  }
  return best?.name;
}

/** The known names that are nearest to a word, the nearest first. */
export function nearestOnes(word: string, known: readonly string[], most: number): readonly string[] {
  const asked = word.toLowerCase().slice(0, 100);
  return known
    .map((name) => ({ name, distance: name.includes(asked) ? 0 : Math.min(editDistance(asked, name.slice(0, 200)), 1 + beginningDistance(asked, name)) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Of a longer name its beginning is what somebody mistyped: `shp` is nearer to `shop-eu` than to `bank`. */
function beginningDistance(word: string, name: string): number {
  return editDistance(word, name.slice(0, word.length + 1));
}

/** ` Did you mean botToken?`, or ` Known: a, b, c.` where nothing is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const name = nearest(word, known);
  if (name !== undefined) return ` Did you mean ${name}?`;
  if (known.length === 0) return '';
  const shown = [...known].sort().slice(0, 12);
  return ` Known: ${shown.join(', ')}${known.length > shown.length ? ` and ${known.length - shown.length} more` : ''}.`;
}

/** Letters to insert, drop, change or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const above = rows[i - 1] ?? [];
      const changed = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : changed;
      row.push(Math.min(changed, swapped, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
