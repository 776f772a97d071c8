import { SalvorError } from '../model/error.ts';
import type { Playbook } from '../model/playbook.ts';
import { problemText } from '../model/problem.ts';
import { parsePlaybook } from './parse.ts';

/** Open runs share few texts; more are simply read again. */
const MOST_KEPT = 200;

const kept = new Map<string, Playbook>();

/**
 * The playbook of a run, from the exact text that the run started with. A site's settings are not in it:
 * what they gave is in the run's parameters already. Throws `playbook.invalid` where this version no longer reads the text.
 */
export function playbookFromText(id: string, text: string, digest: string): Playbook {
  const key = `${id} ${digest}`;
  const before = kept.get(key);
  if (before !== undefined && before.text === text) return before;
  const parsed = parsePlaybook({ id, text, file: `${id}@${digest.slice(0, 8)}.yaml`, rehearsals: false });
  if (!parsed.ok)
    throw new SalvorError('playbook.invalid', `the playbook ${id} that the run started with cannot be read: ${parsed.problems.map(problemText).join('; ')}`);
  const playbook = { ...parsed.playbook, digest };
  const oldest = kept.keys().next();
  if (kept.size >= MOST_KEPT && !oldest.done) kept.delete(oldest.value);
  kept.set(key, playbook);
  return playbook;
}
