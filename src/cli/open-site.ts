import { existsSync } from 'node:fs';
import { type Config, loadSite, NOTHING_OWN, readConfig, type Site, siteNames } from '../config.ts';
import { type Io, printFault, printProblems } from './print.ts';

type Environment = { readonly [name: string]: string | undefined };

/** The site that a command is about; without any configuration: what is shipped. */
export type OpenSite = Site & { readonly config?: Config };

/**
 * Reads configuration, actions and playbooks for a command that only looks. Without a file that is named, or lies here,
 * it shows what is shipped. Answers an exit code, with the problems printed, where something is wrong.
 */
export async function openSite(options: { readonly config?: string; readonly environment?: Environment }, io: Io): Promise<OpenSite | number> {
  const environment = options.environment ?? process.env;
  const named = options.config ?? environment['SALVOR_CONFIG'];
  const parsed = named === undefined && !existsSync('salvor.yaml') ? undefined : await readConfig({ file: named, environment });
  if (parsed !== undefined && !parsed.ok) {
    printFault(io, 'The configuration has problems:');
    printProblems({ ...io, stdout: (text) => io.stderr(text) }, parsed.problems);
    return 2;
  }
  const site = await loadSite(parsed === undefined ? NOTHING_OWN : { ...parsed.config, names: siteNames(parsed.config), positionOf: parsed.positionOf });
  if (!site.ok) {
    printFault(io, 'The actions or playbooks have problems:');
    printProblems({ ...io, stdout: (text) => io.stderr(text) }, site.problems);
    return 2;
  }
  return parsed === undefined ? site : { ...site, config: parsed.config };
}
