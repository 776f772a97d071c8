import { formatDuration } from '../model/duration.ts';
import { suggestion } from '../model/problem.ts';
import { paramsJsonSchema } from '../playbook/params.ts';
import { actionsOf } from '../playbook/uses.ts';
import { openSite } from './open-site.ts';
import { paramWords, riskOf, stageLines, startsBy } from './playbook-words.ts';
import { type Io, paint, printFault, printJson, printLine, printTable } from './print.ts';

export type PlaybooksOptions = { readonly config?: string; readonly json?: boolean };

/** `salvor playbooks`: what exists, one line each. */
export async function playbooks(options: PlaybooksOptions, io: Io): Promise<number> {
  const site = await openSite(options, io);
  if (typeof site === 'number') return site;
  const rows = site.playbooks.map((playbook) => ({
    id: playbook.id,
    risk: riskOf(playbook, site.catalog),
    starts: startsBy(playbook),
    summary: playbook.summary,
  }));
  if (options.json === true) printJson(io, rows);
  else
    printTable(
      io,
      ['PLAYBOOK', 'RISK', 'STARTS BY', 'SUMMARY'],
      rows.map(({ id, risk, starts, summary }) => [id, risk, starts.join(', '), summary]),
    );
  return 0;
}

/** `salvor playbook ID`: its parameters, actions, risk, and its stages in words. */
export async function playbook(options: PlaybooksOptions & { readonly id: string }, io: Io): Promise<number> {
  const site = await openSite(options, io);
  if (typeof site === 'number') return site;
  const found = site.playbooks.find(({ id }) => id === options.id);
  if (found === undefined) {
    printFault(
      io,
      `There is no playbook ${options.id}.${suggestion(
        options.id,
        site.playbooks.map(({ id }) => id),
      )}`,
    );
    return 1;
  }
  const { text: _text, rehearsal, ...fields } = found;
  const risk = riskOf(found, site.catalog);
  if (options.json === true) {
    printJson(io, { ...fields, risk, actions: actionsOf(found), rehearsals: rehearsal.length, schema: paramsJsonSchema(found) });
    return 0;
  }
  const heading = (text: string): void => printLine(io, `\n${paint(io, 'bold', text)}`);
  printLine(io, `${paint(io, 'bold', found.id)}  ${found.summary}`);
  printLine(io, `risk ${risk}; started by ${startsBy(found).join(', ') || 'hand'}; target ${found.target.from}; cooldown ${formatDuration(found.cooldown)}`);
  for (const matcher of found.match) printLine(io, `answers ${matcher}`);
  if (Object.keys(found.params).length > 0) heading('Parameters');
  printTable(
    io,
    ['NAME', 'VALUE', 'SUMMARY'],
    Object.entries(found.params).map(([name, param]) => [name, paramWords(param), param.summary ?? '']),
  );
  if (found.diagnose.length > 0) heading('Diagnosis');
  for (const { action } of found.diagnose) printLine(io, `  ${action}: ${site.catalog.get(action)?.summary ?? ''}`);
  for (const stage of found.stages) {
    heading(`Stage ${stage.id}`);
    for (const line of stageLines(stage, { catalog: site.catalog, policy: site.config?.policy })) printLine(io, `  ${line}`);
  }
  return 0;
}
