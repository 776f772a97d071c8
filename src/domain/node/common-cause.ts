import { FEATURE_KINDS, type Feature, featuresOf } from './common-cause-features.ts';
import { isReady, type Node } from './node.ts';

/** How many nodes are not ready, and how many there are. */
export type Share = { readonly sick: number; readonly all: number };

/** A feature that separates the sick from the healthy. */
export type Separation = {
  readonly feature: Feature;
  readonly inside: Share;
  readonly outside: Share;
  /** The sick nodes that have it. */
  readonly nodes: readonly Node[];
  /** 1: all that are sick have it and nobody else; 0: it says nothing. */
  readonly score: number;
};

export type Cause =
  | { readonly kind: 'none' }
  /** Nobody, or nobody but the control plane itself, is heard of: what they have in common is who listens. */
  | { readonly kind: 'control-plane' }
  /** `also`: other features that fit as well, best first: often two names of one thing. */
  | { readonly kind: 'shared'; readonly best: Separation; readonly also: readonly Separation[] }
  /** `nearest`: what comes closest, though it explains too little. */
  | { readonly kind: 'unknown'; readonly nearest: readonly Separation[] };

/** A feature explains an outage where it covers so many of the sick; of five and more one may be sick for a reason of its own. */
const COVERS = 0.9;
const STRAY_FROM = 5;
/** And so few of the healthy have it, too. */
const SPARES = 0.25;
/** And half of those that have it are sick, or chance alone would do that less than once in a thousand times. */
const HALF = 0.5;
const BY_CHANCE = 0.001;
/** One sick node has everything in common with itself. */
const FEWEST = 2;

/** Which common cause explains the sick nodes best. `nodes`: every node of the cluster. */
export function commonCause(nodes: readonly Node[], nowMs: number): Cause {
  const sick = nodes.filter((node) => !isReady(node));
  if (sick.length === 0) return { kind: 'none' };
  const isWell = nodes.some((node) => isReady(node) && !node.isControlPlane);
  if (!isWell && sick.length >= FEWEST) return { kind: 'control-plane' };
  const all = separations(nodes, nowMs);
  if (sick.length < FEWEST) return { kind: 'unknown', nearest: [] };
  const one = all.filter((each) => explains(each, sick.length, nodes.length));
  const [best, ...also] = one.length > 0 ? one : together(all).filter((each) => explains(each, sick.length, nodes.length));
  if (best === undefined) return { kind: 'unknown', nearest: all.filter(({ score }) => score > 0).slice(0, 3) };
  return {
    kind: 'shared',
    best,
    also: oneOfEach(also.filter(({ score }) => near(score, best.score))).filter(({ feature }) => feature.kind !== best.feature.kind),
  };
}

/** Every feature that a sick node has, by how well it separates; of equal ones by what explains more. */
function separations(nodes: readonly Node[], nowMs: number): readonly Separation[] {
  const seen = new Map<string, { readonly feature: Feature; readonly sick: Node[]; all: number }>();
  for (const node of nodes) {
    for (const feature of featuresOf(node, nowMs)) {
      const key = `${feature.key}=${feature.value}`;
      const before = seen.get(key) ?? { feature, sick: [], all: 0 };
      before.all += 1;
      if (!isReady(node)) before.sick.push(node);
      seen.set(key, before);
    }
  }
  const all = nodes.length;
  const sick = nodes.filter((node) => !isReady(node)).length;
  return [...seen.values()]
    .filter((one) => one.sick.length > 0)
    .map(({ feature, sick: having, all: members }): Separation => {
      const inside = { sick: having.length, all: members };
      const outside = { sick: sick - inside.sick, all: all - inside.all };
      return { feature, inside, outside, nodes: having, score: inside.sick / sick - spared(inside) / Math.max(1, all - sick) };
    })
    .sort((a, b) => (near(a.score, b.score) ? rank(a) - rank(b) || b.score - a.score : b.score - a.score));
}

/** Kinds of which several may go at once: two zones of three. */
const SEVERAL: readonly string[] = ['zone', 'place', 'group'];
/** Of a place that went, so many went. */
const MOST = 0.8;

/** Several values of one key as one feature, where each of them lost most of its nodes. */
function together(all: readonly Separation[]): readonly Separation[] {
  const lost = all.filter(({ feature, inside }) => SEVERAL.includes(feature.kind) && inside.all >= FEWEST && inside.sick / inside.all >= MOST);
  return [...Map.groupBy(lost, ({ feature }) => feature.key).values()].flatMap((parts): readonly Separation[] => {
    const [first] = parts;
    if (first === undefined || parts.length < 2) return [];
    const inside = { sick: total(parts, ({ inside: { sick } }) => sick), all: total(parts, ({ inside: { all: members } }) => members) };
    const outside = { sick: first.inside.sick + first.outside.sick - inside.sick, all: first.inside.all + first.outside.all - inside.all };
    const values = parts.map(({ feature }) => feature.value).sort();
    const feature = { ...first.feature, value: `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`, several: true } as const;
    return [{ feature, inside, outside, nodes: parts.flatMap((part) => part.nodes), score: total(parts, ({ score }) => score) / parts.length }];
  });
}

const total = (parts: readonly Separation[], of: (part: Separation) => number): number => parts.reduce((sum, part) => sum + of(part), 0);

function explains({ inside, outside }: Separation, sick: number, all: number): boolean {
  const covers = inside.sick / sick >= COVERS || (sick >= STRAY_FROM && outside.sick <= 1);
  const spares = spared(inside) / Math.max(1, all - sick) <= SPARES;
  return inside.sick >= FEWEST && covers && spares && (inside.sick / inside.all >= HALF || (inside.all / all) ** inside.sick <= BY_CHANCE);
}

const spared = ({ sick, all }: Share): number => all - sick;

/** Scores this close are told apart by what they are about. */
const near = (a: number, b: number): boolean => Math.round(a * 20) === Math.round(b * 20);

const rank = ({ feature }: Separation): number => FEATURE_KINDS.indexOf(feature.kind);

/** One of each kind: four labels of one node pool are one thing to look at. */
function oneOfEach(all: readonly Separation[]): readonly Separation[] {
  return all.filter((one, index) => all.findIndex(({ feature }) => feature.kind === one.feature.kind) === index);
}

/** How the nodes stand in each zone, worst first. Nodes without a zone are in the zone ''. */
export function zonesOf(nodes: readonly Node[]): readonly (Share & { readonly zone: string })[] {
  return [...Map.groupBy(nodes, ({ zone }) => zone ?? '')]
    .map(([zone, members]) => ({ zone, sick: members.filter((node) => !isReady(node)).length, all: members.length }))
    .sort((a, b) => b.sick / b.all - a.sick / a.all || b.sick - a.sick || (a.zone < b.zone ? -1 : 1));
}
