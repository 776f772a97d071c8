/** `min..median..max` of the rounds. */
export function spread(values: readonly number[], digits = 2): string {
  const least = Math.min(...values);
  const most = Math.max(...values);
  if (values.length === 1 || least.toFixed(digits) === most.toFixed(digits)) return least.toFixed(digits);
  return [least, median(values), most].map((value) => value.toFixed(digits)).join('..');
}

/** The lower one of the two in the middle, so that it is one that was measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
