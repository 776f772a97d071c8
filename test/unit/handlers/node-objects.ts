import type { KubeObject } from '../../../src/model/object.ts';
import { MARK } from '../../../src/model/object.ts';
import { STEP_KEY } from './about.ts';
import { NOW } from './velero-objects.ts';

type Status = 'True' | 'False' | 'Unknown';
type Made = {
  readonly name?: string;
  readonly uid?: string;
  readonly ready?: Status;
  /** For how long it has been so. */
  readonly forMs?: number;
  readonly cordonedBy?: string;
  readonly marks?: { readonly [name: string]: string };
  readonly taints?: readonly string[];
  readonly labels?: { readonly [name: string]: string };
  readonly annotations?: { readonly [name: string]: string };
};

export const timestamp = (ms: number): string => new Date(ms).toISOString();

/** The marks that `node.cordon` leaves for the step of these tests. */
export const OUR_MARKS = { [MARK.run]: 'run/0123456789abcdef-1', [MARK.step]: STEP_KEY, [MARK.before]: 'false' };

/** A Node as the server gives it. */
export function node({
  name = 'w1',
  uid = `uid-${name}`,
  ready = 'True',
  forMs = 3_600_000,
  cordonedBy,
  marks = {},
  taints = [],
  ...rest
}: Made = {}): KubeObject {
  const managedFields =
    cordonedBy === undefined
      ? []
      : [{ manager: cordonedBy, operation: 'Update', time: '2026-11-21T10:00:00Z', fieldsV1: { 'f:spec': { 'f:unschedulable': {} } } }];
  const lastTransitionTime = timestamp(NOW - forMs);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid, resourceVersion: '7', labels: { ...rest.labels }, annotations: { ...rest.annotations, ...marks }, managedFields },
    spec: {
      ...(cordonedBy === undefined ? {} : { unschedulable: true }),
      ...(taints.length === 0 ? {} : { taints: taints.map((key) => ({ key, effect: 'NoExecute' })) }),
    },
    status: { conditions: [{ type: 'Ready', status: ready, reason: 'R', message: `ready is ${ready}`, lastTransitionTime }] },
  };
}
