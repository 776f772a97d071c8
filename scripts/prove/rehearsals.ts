import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import { seededIds } from '../../src/world/ids.ts';
import { tell } from '../../test/crash/every/play.ts';
import { allStories } from '../../test/crash/every/stories.ts';
import { type Proof, timed } from './proof.ts';

/** Kills Salvor before and behind every commit of every rehearsal of the shipped playbooks, in the simulated world, and compares how each story ends. */
export const rehearsalsProof: Proof = {
  name: 'every commit',
  claim: 'Killed before and behind each commit of each rehearsal, a story ends as without the crash: each write once, the same timeline, an exact ledger',
  run: ({ part, seed }, say) =>
    timed(async () => {
      const site = await loadSite(NOTHING_OWN);
      const ids = seededIds(seed);
      const lines: string[] = [];
      let [stories, commits, kills, different] = [0, 0, 0, 0];
      for (const story of allStories(site)) {
        const told = await tell(story, site);
        stories += 1;
        commits += told.commits().length;
        for (const [index] of told.commits().entries()) {
          for (const side of ['before', 'behind'] as const) {
            if (ids.random() >= part) continue;
            kills += 1;
            const { died, problems, end } = await tell(story, site, { point: { commit: index + 1, side } });
            if (died && JSON.stringify([end, problems]) === JSON.stringify([told.end, []])) continue;
            different += 1;
            if (lines.length < 20) lines.push(`${story.playbook.id}, ${story.rehearsal.name}: ${side} commit ${index + 1}`);
          }
        }
        say(`${kills} kills, ${different} different: ${story.playbook.id}, ${story.rehearsal.name}`);
      }
      const counts = [
        ['kills', kills],
        ['commits', commits],
        ['rehearsals', stories],
      ] as const;
      return {
        proof: 'every commit',
        counts,
        lost: 0,
        twice: 0,
        wrong: different,
        lines,
        again: `npm run prove -- --only "every commit" --part ${part} --from-seed ${seed}`,
      };
    }),
};
