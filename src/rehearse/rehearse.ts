import type { Site } from '../config.ts';
import type { Playbook } from '../model/playbook.ts';
import { type Played, playRehearsal } from './play.ts';

/** Plays every rehearsal of the playbooks in the simulated world, one after the other, and tells each as it ends. */
export async function* rehearse(playbooks: readonly Playbook[], site: Pick<Site, 'catalog' | 'playbooks'>): AsyncGenerator<Played> {
  for (const playbook of playbooks) {
    for (const [index, rehearsal] of playbook.rehearsal.entries()) {
      const played = await playRehearsal(playbook, rehearsal, site);
      yield rehearsal.name === undefined ? { ...played, name: `rehearsal ${index + 1}` } : played;
    }
  }
}
