/**
 * A program: kills Salvor before and behind the commits of every rehearsal, and prints for each story how many kills it took and which ended otherwise,
 * as one line of JSON. `killed.ts TURN OF PART SEED`: of OF such programs it takes every kill whose turn it is.
 */
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { seededIds } from '../../../src/world/ids.ts';
import type { Point } from './death.ts';
import { tell } from './play.ts';
import { allStories } from './stories.ts';

/** A story that waits for hours looks a thousand times at the same; each kill plays it from its beginning. */
const MOST_OF_ONE = 300;

const [turn = '0', of = '1', part = '1', seed = ''] = process.argv.slice(2);
const site = await loadSite(NOTHING_OWN);

for (const story of allStories(site)) {
  const name = `${story.playbook.id}, ${story.rehearsal.name}`;
  const told = await tell(story, site);
  const commits = told.commits().length;
  const ids = seededIds(`${seed} ${name}`);
  const share = Math.min(Number(part), MOST_OF_ONE / (2 * commits));
  const points = Array.from({ length: commits }, (_, at) => at + 1)
    .flatMap((commit): Point[] => [
      { commit, side: 'before' },
      { commit, side: 'behind' },
    ])
    .filter(() => ids.random() < share);
  const mine = points.filter((_, at) => at % Number(of) === Number(turn));
  const different: string[] = [];
  for (const point of mine) {
    const { died, problems, end } = await tell(story, site, { point });
    if (died && JSON.stringify([end, problems]) === JSON.stringify([told.end, []])) continue;
    different.push(`${name}: ${point.side} commit ${point.commit}`);
  }
  process.stdout.write(`${JSON.stringify({ story: name, commits, kills: mine.length, different })}\n`);
}
