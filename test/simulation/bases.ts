import { theKind } from '../../src/world/kinds.ts';
import { CLUSTERS } from './site.ts';
import type { Site } from './stage.ts';

const CONFIG_MAP = theKind('v1', 'ConfigMap');

/** Which ConfigMaps `base` there were, in which cluster and until when: an approval of `test.write` rests on the one that it saw. */
export type Bases = { note(): void; since(cluster: string, sinceMs: number): readonly string[] };

export function basesOf({ loop, world }: Pick<Site, 'loop' | 'world'>): Bases {
  const bases = new Map<string, { readonly uid: string; untilMs: number }[]>(CLUSTERS.map((name) => [name, []]));
  const note = (): void => {
    for (const [cluster, those] of bases) {
      const uid = world.cluster(cluster).objects.find(CONFIG_MAP, 'app', 'base')?.metadata.uid ?? '';
      const last = those.at(-1);
      if (last?.uid === uid) continue;
      if (last !== undefined) last.untilMs = loop.nowMs();
      those.push({ uid, untilMs: Number.POSITIVE_INFINITY });
    }
  };
  note();
  return { note, since: (cluster, sinceMs) => (bases.get(cluster) ?? []).flatMap(({ uid, untilMs }) => (untilMs >= sinceMs ? [uid] : [])) };
}
