import { relative } from 'node:path';
import { type Config, checkAgainst, loadSite, readConfig, siteNames } from '../config.ts';
import { type PositionOf, type Problem, sortProblems } from '../model/problem.ts';
import { countOf, type Io, paint, printFault, printJson, printLine, printProblems } from './print.ts';

export type CheckOptions = {
  /** The configuration file; absent: `SALVOR_CONFIG`, else `salvor.yaml`. */
  readonly config?: string;
  readonly json?: boolean;
  /** Looks at what the cluster, Slack and PagerDuty let us do. Only asked where the files are right. */
  readonly live?: (config: Config, positionOf: PositionOf) => Promise<Live>;
  readonly environment?: { readonly [name: string]: string | undefined };
};

/**
 * `salvor check`: the configuration, the actions and the playbooks, and every problem of them at its place.
 * Answers 0: right · 1: problems · 2: no configuration that can be read · 3: something to ask does not answer.
 */
export async function check(options: CheckOptions, io: Io): Promise<number> {
  const environment = options.environment ?? process.env;
  const parsed = await readConfig({ file: options.config, environment });
  const file = options.config ?? environment['SALVOR_CONFIG'] ?? 'salvor.yaml';
  if (!parsed.ok) {
    const unreadable = parsed.problems.some(({ field, message }) => field === '' && message.startsWith('the configuration cannot be read'));
    print({ file, playbooks: undefined, problems: parsed.problems, io, json: options.json === true });
    return unreadable ? 2 : 1;
  }
  const { config, positionOf } = parsed;
  const site = await loadSite({ ...config, names: siteNames(config), positionOf });
  const ids = site.ok ? { playbooks: site.playbooks.map(({ id }) => id) } : {};
  const problems = [...parsed.warnings, ...site.problems, ...checkAgainst(parsed, { catalog: site.catalog, environment, ...ids })];

  const right = problems.every(({ warning }) => warning === true);
  const live = right && options.live !== undefined ? await options.live(config, positionOf) : NOTHING_ASKED;
  problems.push(...live.problems);
  print({ file, playbooks: site.count, problems: sortProblems(problems), io, json: options.json === true });
  if (live.unreached.length > 0) {
    printFault(io, `Not everything could be asked: ${live.unreached.join(', ')}`);
    return 3;
  }
  return problems.every(({ warning }) => warning === true) ? 0 : 1;
}

/** What was asked of clusters, and which of them could not be asked. */
export type Live = { readonly problems: readonly Problem[]; readonly unreached: readonly string[] };
const NOTHING_ASKED: Live = { problems: [], unreached: [] };

type Outcome = {
  readonly file: string;
  readonly playbooks: number | undefined;
  readonly problems: readonly Problem[];
  readonly io: Io;
  readonly json: boolean;
};

function print({ file, playbooks, problems, io, json }: Outcome): void {
  const shown = problems.map((problem) => ({ ...problem, file: near(problem.file) }));
  const faults = shown.filter(({ warning }) => warning !== true).length;
  const warnings = shown.length - faults;
  if (json) return printJson(io, { ok: faults === 0, file, playbooks: playbooks ?? null, problems: shown });
  const what = playbooks === undefined ? file : `${file} and ${countOf(playbooks, 'playbook')}`;
  const told = warnings === 0 ? '' : `, ${countOf(warnings, 'warning')}`;
  printLine(io, faults === 0 ? paint(io, 'green', `ok: ${what}${told}`) : paint(io, 'red', `${what}: ${countOf(faults, 'problem')}${told}`));
  printProblems(io, shown);
}

/** A path below the working folder is shown from there. */
function near(file: string): string {
  if (!file.startsWith('/')) return file;
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}
