import { counted } from '../../model/counted.ts';
import { timeText } from '../velero/time-text.ts';
import { type Cause, type Separation, type Share, zonesOf } from './common-cause.ts';
import { type Feature, featureText } from './common-cause-features.ts';
import { isReady, type Node } from './node.ts';

/** What the sick nodes are called: silent ones answer nobody, others say themselves that they are not ready. */
function manner(sick: readonly Node[]): 'silent' | 'not ready' {
  return sick.every(({ ready }) => ready.status === 'Unknown') ? 'silent' : 'not ready';
}

/** When the first of them went, as their conditions say it. */
export function sinceMs(sick: readonly Node[]): number | undefined {
  const times = sick.flatMap(({ ready }) => ready.sinceMs ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The answer in one line: `zone b is gone: 6 of 6 nodes of it are silent since 2026-11-21 03:02 UTC, 0 of 12 elsewhere`. */
export function causeLine(cause: Cause, nodes: readonly Node[]): string {
  const sick = nodes.filter((node) => !isReady(node));
  const are = manner(sick);
  const since = (of: readonly Node[]): string => {
    const ms = sinceMs(of);
    return ms === undefined ? '' : ` since ${timeText(ms)}`;
  };
  switch (cause.kind) {
    case 'none':
      return `every node reports: ${counted(nodes.length, 'node')} ready${zonesText(nodes)}`;
    case 'control-plane':
      return sick.length === nodes.length
        ? `the control plane hears of no node: all ${nodes.length} are ${are}${since(sick)}`
        : `the control plane hears of itself only: all ${sick.length} nodes that are not of it are ${are}${since(sick)}`;
    case 'shared': {
      const { feature, inside, outside, nodes: ours } = cause.best;
      return `${verdict(cause.best)}: ${partOf(inside)} ${noun(feature)} are ${manner(ours)}${since(ours)}, ${outside.sick} of ${outside.all} elsewhere`;
    }
    case 'unknown':
      return `no common cause found: ${sick.length} of ${counted(nodes.length, 'node')} ${sick.length === 1 ? 'is' : 'are'} ${are}${since(sick)}${zonesText(nodes)}`;
  }
}

function verdict({ feature, inside }: Separation): string {
  const name = featureText(feature);
  const isAll = inside.sick === inside.all;
  const [is, has] = feature.several ? ['are', 'have'] : ['is', 'has'];
  switch (feature.kind) {
    case 'zone':
    case 'place':
    case 'region':
      return isAll ? `${name} ${is} gone` : `${name} ${has} trouble`;
    case 'version':
    case 'new':
      return `a rollout looks guilty, ${name}`;
    default:
      return isAll ? `all of ${name} is down` : `${name} ${has} trouble`;
  }
}

const partOf = ({ sick, all }: Share): string => `${sick} of ${counted(all, 'node')}`;

const noun = ({ kind, several }: Feature): string => (kind === 'version' || kind === 'new' || kind === 'label' ? 'like that' : several ? 'of them' : 'of it');

/** `; not ready: 2 of 6 in a, 1 of 6 in b`. */
function zonesText(nodes: readonly Node[]): string {
  const zones = zonesOf(nodes).filter(({ zone }) => zone !== '');
  const hit = zones.filter(({ sick }) => sick > 0);
  if (zones.length < 2) return '';
  if (hit.length === 0) return ` in ${zones.length} zones`;
  return `; by zone: ${hit.map(({ zone, sick, all }) => `${sick} of ${all} in ${zone}`).join(', ')}`;
}

/** `instance group ng-b fits as well (6 of 6, 0 of 12 elsewhere)`. */
export function otherText({ feature, inside, outside }: Separation): string {
  return `${featureText(feature)} (${inside.sick} of ${inside.all} with it, ${outside.sick} of ${outside.all} without)`;
}

const DRAIN_NOTHING = 'Drain nothing: moving pods off so many nodes at once makes an outage worse';

/** What to look at, first things first. */
export function hintsFor(cause: Cause, nodes: readonly Node[]): readonly string[] {
  const example = nodes.find((node) => !isReady(node))?.name ?? 'NODE';
  switch (cause.kind) {
    case 'none':
      return [];
    case 'control-plane':
      return [
        'Look at the control plane first: kubectl get --raw "/readyz?verbose", then etcd and the controller manager',
        'Then at the network between the nodes and the API server: load balancer, DNS name of the API server, firewall, expired certificates',
        'Touch no node: the pods go on running, and nothing is evicted while no node is heard of',
        `See from one node whether it reaches the API server: ssh ${example} and read journalctl -u kubelet`,
      ];
    case 'shared':
      return [...sharedHints(cause.best.feature, example), DRAIN_NOTHING];
    case 'unknown':
      return [
        `Compare two of them: kubectl describe node ${example}`,
        'Look for what changed in the last hours: rollouts of DaemonSets (CNI, CSI, security agents), certificates, DNS, images, quotas of the provider',
        DRAIN_NOTHING,
      ];
  }
}

function sharedHints(feature: Feature, example: string): readonly string[] {
  const name = featureText(feature);
  switch (feature.kind) {
    case 'zone':
    case 'region':
      return [
        `Look at the provider's status page for ${name}: power, network, capacity`,
        `If the provider is well: routes, firewalls and subnets of ${name}, and whether its nodes reach the API server`,
        'See that traffic leaves it: load balancer targets, and the services named above',
        'Scale up the other zones where pods stay Pending; restore volumes elsewhere only when the zone is known not to return soon',
      ];
    case 'place':
      return [`Look at ${name} itself: power, top-of-rack switch, uplink`, 'Ask who worked there today', 'The nodes return by themselves when it does'];
    case 'group':
      return [
        `Look at ${name} at the provider: a change of its template or image, an upgrade under way, quota, security group, instance profile`,
        'Stop a rollout of it that still goes on; go back to the last template that worked',
      ];
    case 'version':
    case 'new':
      return [
        'Stop the rollout before it takes more nodes',
        `Read why: kubectl describe node ${example}, and journalctl -u kubelet there`,
        'Go back to the version that the healthy nodes run',
      ];
    case 'type':
      return [`Look whether the provider has trouble with ${name}, or took spot capacity back`, 'Driver or firmware of that type: what changed last?'];
    case 'label':
      return [`Ask what ${name} stands for, and what changed there`, `Compare with a healthy node: kubectl describe node ${example}`];
  }
}
