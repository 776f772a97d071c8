import { z } from 'zod';
import { formatDuration } from '../../model/duration.ts';
import type { KubeObject } from '../../model/object.ts';
import { kuredNode, ownerOf } from '../other-owner.ts';
import { cordonOf, cordonText } from './cordon.ts';
import { names } from './crowd.ts';
import { type Node, readNode } from './node.ts';

/** Somebody else who is at work on a node, and how long one waits for them before a person has to look. */
export type Actor = { readonly words: string; readonly patienceMs: number };

export type Around = {
  /** The Node itself. */
  readonly found: KubeObject;
  readonly nodes: readonly Node[];
  /** Those that may carry kured's lock. */
  readonly daemonSets: readonly KubeObject[];
  /** Health checks, remediations, machines, node claims and cluster versions, of any node. */
  readonly machinery: readonly KubeObject[];
  readonly nowMs: number;
};

/** A reboot, a replacement or a remediation is over within minutes; a person, or the upgrade of a cluster, takes its time. */
const MACHINE_MS = 3_600_000;
const PEOPLE_MS = 24 * 3_600_000;
/** A node that joined, or was put aside, this lately belongs to what goes on. */
const LATELY_MS = 3_600_000;

const NODE_NAME = 'remediation.medik8s.io/node-name';
const OF_THE_NODE: ReadonlySet<string> = new Set(['SelfNodeRemediation', 'FenceAgentsRemediation', 'MachineDeletionRemediation']);
const Check = z.looseObject({ status: z.looseObject({ inFlightRemediations: z.record(z.string(), z.unknown()) }) });

/** Who acts on this node, first of all what is written on it; undefined: nobody that can be seen. */
export function actorOn(around: Around): Actor | undefined {
  const { found, daemonSets, machinery } = around;
  const node = readNode(found);
  const machine = (words: string): Actor => ({ words, patienceMs: MACHINE_MS });
  const written = ownerOf(found);
  if (written !== undefined) return machine(written);
  if (daemonSets.some((one) => kuredNode(one) === node.name)) return machine('kured holds its lock for it, and is about to reboot it');
  for (const one of machinery) {
    const words = ofThis(one, node.name);
    if (words !== undefined) return one.kind === 'ClusterVersion' ? { words, patienceMs: PEOPLE_MS } : machine(words);
  }
  const announced = node.conditions.find(({ type, status }) => type === 'VMEventScheduled' && status === 'True');
  if (announced !== undefined) return machine(`the cloud has announced an event for its machine: ${announced.message || announced.reason}`);
  const cordon = cordonOf(found);
  if (cordon.kind === 'theirs') return { words: `${cordonText(cordon)}, and is at work on it`, patienceMs: PEOPLE_MS };
  const upgrade = upgradeText(node, around);
  return upgrade === undefined ? undefined : { words: upgrade, patienceMs: PEOPLE_MS };
}

function ofThis(object: KubeObject, node: string): string | undefined {
  const { name, annotations = {} } = object.metadata;
  if (object.kind === 'NodeHealthCheck') {
    const read = Check.safeParse(object);
    return read.success && Object.hasOwn(read.data.status.inFlightRemediations, node) ? `the node health check ${name} is remediating it` : undefined;
  }
  if (OF_THE_NODE.has(object.kind)) return (annotations[NODE_NAME] ?? name) === node ? `${object.kind} ${name} is remediating it` : undefined;
  return ownerOf(object);
}

/** Kubelets of several versions alone are no upgrade: one may be left half way for months. Nodes that come and go beside them are. */
function upgradeText(node: Node, { nodes, nowMs }: Around): string | undefined {
  const versions = Map.groupBy(
    nodes.filter(({ kubeletVersion }) => kubeletVersion !== undefined),
    ({ kubeletVersion }) => kubeletVersion ?? '',
  );
  if (versions.size < 2) return undefined;
  const others = nodes.filter(({ name }) => name !== node.name);
  const joined = others.filter(({ madeMs }) => nowMs - madeMs < LATELY_MS);
  const aside = others.filter(({ unschedulable }) => unschedulable);
  if (joined.length === 0 && aside.length === 0) return undefined;
  const skew = [...versions].map(([version, all]) => `${all.length} with ${version}`).join(', ');
  const moving = [
    ...(joined.length === 0 ? [] : [`${names(joined)} joined within ${formatDuration(LATELY_MS)}`]),
    ...(aside.length === 0 ? [] : [`${names(aside)} cordoned`]),
  ];
  return `an upgrade of nodes seems to be under way: ${skew}; ${moving.join(', ')}`;
}
