import { type Node, readNode } from '../../../../src/domain/node/node.ts';

export const NOW = Date.UTC(2026, 10, 21, 12);
const WENT = '2026-11-21T03:02:10Z';

type Made = {
  readonly ready?: 'True' | 'False' | 'Unknown';
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
  readonly kubelet?: string;
  readonly made?: string;
};

/** A Node as the API gives it; its zone is what stands before the dash of its name. */
export function nodeObject(name: string, { ready = 'True', labels = {}, annotations = {}, kubelet = 'v1.37.1', made = '2026-10-01T00:00:00Z' }: Made = {}) {
  const [zone = ''] = name.split('-');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: made,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': zone, ...labels },
      annotations,
    },
    status: {
      allocatable: { cpu: '4', memory: '16Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: ready, reason: ready === 'Unknown' ? 'NodeStatusUnknown' : 'KubeletReady', lastTransitionTime: WENT }],
      nodeInfo: { kubeletVersion: kubelet, osImage: 'Debian 12' },
    },
  };
}

export const node = (name: string, made: Made = {}): Node => readNode(nodeObject(name, made));

/** `b-1 … b-6`, made alike. */
export function nodesOf(zone: string, count: number, made: Made | ((index: number) => Made) = {}): readonly Node[] {
  return Array.from({ length: count }, (_, index) => node(`${zone}-${index + 1}`, typeof made === 'function' ? made(index) : made));
}
