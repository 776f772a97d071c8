// Kills Salvor before and behind every commit of every rehearsal of the shipped playbooks, in the simulated world, and compares how each story ends.
// `node scripts/prove-commits.ts [part] [seed]`: part 1 is all of them (about half an hour on one core), 0.1 every tenth.
import { loadSite, NOTHING_OWN } from '../src/config.ts';
import { seededIds } from '../src/world/ids.ts';
import { tell } from '../test/crash/every/play.ts';
import { allStories } from '../test/crash/every/stories.ts';
import { isMain, type ProofRow, printRow } from './proof-row.ts';

export async function proveCommits({ part, seed }: { readonly part: number; readonly seed: string }): Promise<ProofRow> {
  const startedMs = performance.now();
  const site = await loadSite(NOTHING_OWN);
  const ids = seededIds(seed);
  const different: string[] = [];
  let [stories, commits, kills] = [0, 0, 0];
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
        different.push(`${story.playbook.id}, ${story.rehearsal.name}: ${side} commit ${index + 1}`);
      }
    }
  }
  return {
    claim: 'Killed before and behind each commit of each rehearsal, a story ends as without the crash: each write once, the same timeline, an exact ledger',
    measured: `${kills} kills at ${commits} commits of ${stories} rehearsals, ${different.length} different`,
    ok: kills > 0 && different.length === 0,
    details: different.slice(0, 20),
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

if (isMain(import.meta.url)) printRow(await proveCommits({ part: Number(process.argv[2] ?? 1), seed: process.argv[3] ?? 'commits' }));
