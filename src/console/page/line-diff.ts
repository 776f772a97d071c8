/** Above so many pairs of lines nothing is compared, and every line counts as its side's own. */
const MOST_PAIRS = 1_000_000;

export type Line = { readonly text: string; readonly isCommon: boolean };

/** Which lines two texts share, in order: the longest common subsequence. What is not shared is gone on the one side, made on the other. */
export function diffLines(before: readonly string[], after: readonly string[]): { readonly before: readonly Line[]; readonly after: readonly Line[] } {
  const [left, right] = [new Set<number>(), new Set<number>()];
  const lengths = before.length * after.length > MOST_PAIRS ? undefined : commonLengths(before, after);
  for (let at = 0, to = 0; lengths !== undefined && at < before.length && to < after.length; ) {
    if (before[at] === after[to]) {
      left.add(at++);
      right.add(to++);
    } else if ((lengths[at + 1]?.[to] ?? 0) >= (lengths[at]?.[to + 1] ?? 0)) at += 1;
    else to += 1;
  }
  const marked = (lines: readonly string[], common: ReadonlySet<number>): readonly Line[] => lines.map((text, at) => ({ text, isCommon: common.has(at) }));
  return { before: marked(before, left), after: marked(after, right) };
}

/** `[i][j]`: how many lines the rests from i and from j share. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let at = before.length - 1; at >= 0; at -= 1) {
    const [row, below] = [lengths[at], lengths[at + 1]];
    if (row === undefined || below === undefined) continue;
    for (let to = after.length - 1; to >= 0; to -= 1)
      row[to] = before[at] === after[to] ? (below[to + 1] ?? 0) + 1 : Math.max(below[to] ?? 0, row[to + 1] ?? 0);
  }
  return lengths;
}
