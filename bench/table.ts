import { availableParallelism, cpus, loadavg } from 'node:os';

/** The day, the machine and its load: a number without them says nothing. */
export function machineLine(): string {
  const [cpu] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}; sender and server on the same cores`;
}

/** `min..median..max` of the rounds. */
export function spread(values: readonly number[], digits = 2): string {
  const sorted = values.toSorted((a, b) => a - b);
  return [0, Math.floor((sorted.length - 1) / 2), sorted.length - 1].map((at) => (sorted[at] ?? 0).toFixed(digits)).join('..');
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'));
}

/** The rounds that were asked for on the command line; 5 by default. */
export function roundsAsked(): number {
  const asked = Number(process.argv[2] ?? 5);
  return Number.isInteger(asked) && asked > 0 ? asked : 5;
}
