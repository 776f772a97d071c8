import { suggestion } from '../model/problem.ts';
import type { Played } from '../rehearse/play.ts';
import { rehearse as play } from '../rehearse/rehearse.ts';
import { EXIT } from './context.ts';
import { openSite } from './open-site.ts';
import { countOf, type Io, paint, printFault, printJson, printLine } from './print.ts';

export type RehearseOptions = { readonly config?: string /** Absent or empty: every one. */; readonly playbooks?: readonly string[]; readonly json?: boolean };

/** `salvor rehearse`: whether each rehearsal goes as its playbook says. Nothing real is touched. */
export async function rehearse({ playbooks: wanted = [], json = false, ...options }: RehearseOptions, io: Io): Promise<number> {
  const site = await openSite(options, io);
  if (typeof site === 'number') return site;
  const known = site.playbooks.map(({ id }) => id);
  const unknown = wanted.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    printFault(io, `There is no playbook ${unknown}.${suggestion(unknown, known)}`);
    return EXIT.wrongUse;
  }
  const chosen = site.playbooks.filter(({ id }) => wanted.length === 0 || wanted.includes(id));
  const bare = chosen.filter(({ rehearsal }) => rehearsal.length === 0).map(({ id }) => id);
  const played: Played[] = [];
  for await (const one of play(chosen, site)) played.push(one);
  const failed = played.filter(({ ok }) => !ok);
  if (json) printJson(io, { ok: failed.length === 0, rehearsals: played, without: bare });
  else printPlayed(io, { played, failed, bare });
  return failed.length === 0 ? EXIT.done : EXIT.no;
}

type Outcome = { readonly played: readonly Played[]; readonly failed: readonly Played[]; readonly bare: readonly string[] };

function printPlayed(io: Io, { played, failed, bare }: Outcome): void {
  const all = countOf(played.length, 'rehearsal');
  if (played.length === 0) printLine(io, 'No rehearsal to play');
  else if (failed.length === 0) printLine(io, paint(io, 'green', `ok: ${all}${played.length === 1 ? ' went' : ', all went'} as the playbook says`));
  else printLine(io, paint(io, 'red', `FAILED: ${failed.length} of ${all}`));
  const width = Math.max(0, ...played.map(({ playbook }) => playbook.length));
  for (const { ok, playbook, name, problems, writes } of played) {
    printLine(io, `${ok ? paint(io, 'green', 'ok    ') : paint(io, 'red', 'FAILED')}  ${playbook.padEnd(width)}  ${name} (${countOf(writes, 'write')})`);
    for (const problem of problems) printLine(io, `        ${problem}`);
  }
  for (const id of bare) printLine(io, paint(io, 'yellow', `none    ${id.padEnd(width)}  has no rehearsal`));
}
