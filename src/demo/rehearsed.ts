import { loadSite, NOTHING_OWN } from '../config.ts';
import { suggestion } from '../model/problem.ts';
import { playRehearsal } from '../rehearse/play.ts';
import type { Io } from '../serve/serve.ts';

/** Plays another playbook's first rehearsal and tells its timeline; hours pass in a moment, since its clock is simulated. */
export async function rehearsedDemo(id: string, io: Io): Promise<number> {
  const site = await loadSite(NOTHING_OWN);
  const playbook = site.playbooks.find((one) => one.id === id);
  const [rehearsal] = playbook?.rehearsal ?? [];
  if (playbook === undefined || rehearsal === undefined) {
    const known = site.playbooks.map((one) => one.id);
    io.stderr(`There is no playbook "${id}" with a rehearsal.${suggestion(id, known)} Known: ${known.join(', ')}\n`);
    return 2;
  }
  io.stdout(`${playbook.id}, in a simulated world and simulated time: ${rehearsal.name ?? playbook.summary}\n\n`);
  const played = await playRehearsal(playbook, rehearsal, { ...site, tell: (line) => io.stdout(`  ${line}\n`) });
  io.stdout(played.ok ? `\nAs expected. Writes: ${played.writes}\n` : `\nNot as expected: ${played.problems.join('; ')}\n`);
  return played.ok ? 0 : 1;
}
