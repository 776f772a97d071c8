import type { Backup } from '../../../src/domain/velero/backup.ts';
import type { RunView } from '../../../src/port/view/run.ts';

/** What was provoked, what Velero made of it, and what Salvor said to people: a table for whoever reads the log of the suite. */
export type Digests = {
  readonly add: (provoked: string, phase: string, run: Pick<RunView, 'finding'>) => void;
  readonly print: () => void;
};

export function digestTable(): Digests {
  const rows: string[] = [];
  return {
    add(provoked, phase, { finding }) {
      const fix = finding?.hints.join('; ') ?? '';
      rows.push(`| ${provoked} | ${phase} | ${finding?.kind ?? ''}: ${finding?.reason ?? ''}${fix === '' ? '' : ` **Fix:** ${fix}`} |`);
    },
    print: () => console.log(['', '| provoked | phase | Salvor says |', '| --- | --- | --- |', ...rows, ''].join('\n')),
  };
}

/** The phase of a backup with the end of what Velero itself says about it. */
export function phaseText({ phase, errors, failureReason, validationErrors }: Backup): string {
  const said = failureReason ?? validationErrors.join('; ').replaceAll('\n', ' ');
  return [phase, ...(errors > 0 ? [`errors ${errors}`] : []), ...(said === '' ? [] : [said.length > 120 ? `…${said.slice(-120)}` : said])].join(', ');
}
