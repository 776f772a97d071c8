import { isList, isObject, type Json } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { at, listAt, numberAt, objectAt, textAt, texts, textsAt } from '../object.ts';
import { ageOf } from './age.ts';
import { containerNames, images, nodeRoles, nodeState, podReady, podState, restarts, selectorText } from './cells.ts';

/** A column between the name and the end; wide ones are for `-o wide`. */
export type Column = {
  readonly name: string;
  readonly type: string;
  readonly wide?: boolean;
  readonly cell: (object: Json, nowMs: number) => Json;
};

type Cell = Column['cell'];

const text = (name: string, cell: Cell): Column => ({ name, type: 'string', cell });
const wide = (name: string, cell: Cell): Column => ({ name, type: 'string', wide: true, cell });
const count = (name: string, ...path: readonly string[]): Column => ({ name, type: 'integer', cell: (object) => numberAt(object, ...path) ?? 0 });

/** The text under a path, or what is printed in its place. */
const or =
  (absent: string, ...path: readonly string[]): Cell =>
  (object) =>
    textAt(object, ...path) || absent;
const AGE = text('Age', (object, nowMs) => ageOf(textAt(object, 'metadata', 'creationTimestamp'), nowMs));
const since = (name: string, ...path: readonly string[]): Column => ({ name, type: 'date', cell: (object, nowMs) => ageOf(textAt(object, ...path), nowMs) });
const address =
  (type: string): Cell =>
  (node) =>
    textAt(
      listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === type),
      'address',
    ) || '<none>';
const pair =
  (left: readonly string[], right: readonly string[]): Cell =>
  (object) =>
    `${numberAt(object, ...left) ?? 0}/${numberAt(object, ...right) ?? 0}`;
const WORKLOAD = [wide('Containers', containerNames), wide('Images', images)];
const SELECTOR = wide('Selector', selectorText);

/** As the printers of the real server have them. */
const BUILT_IN: ReadonlyMap<string, readonly Column[]> = new Map([
  [
    'Node',
    [
      text('Status', nodeState),
      text('Roles', nodeRoles),
      AGE,
      text('Version', or('', 'status', 'nodeInfo', 'kubeletVersion')),
      wide('Internal-IP', address('InternalIP')),
      wide('External-IP', address('ExternalIP')),
      wide('OS-Image', or('<unknown>', 'status', 'nodeInfo', 'osImage')),
      wide('Kernel-Version', or('<unknown>', 'status', 'nodeInfo', 'kernelVersion')),
      wide('Container-Runtime', or('<unknown>', 'status', 'nodeInfo', 'containerRuntimeVersion')),
    ],
  ],
  ['Namespace', [text('Status', or('', 'status', 'phase')), AGE]],
  [
    'Pod',
    [
      text('Ready', podReady),
      text('Status', podState),
      text('Restarts', restarts),
      AGE,
      wide('IP', or('<none>', 'status', 'podIP')),
      wide('Node', or('<none>', 'spec', 'nodeName')),
      wide('Nominated Node', or('<none>', 'status', 'nominatedNodeName')),
      wide('Readiness Gates', () => '<none>'),
    ],
  ],
  [
    'Service',
    [
      text('Type', or('ClusterIP', 'spec', 'type')),
      text('Cluster-IP', or('<none>', 'spec', 'clusterIP')),
      text('External-IP', () => '<none>'),
      text(
        'Port(s)',
        (object) =>
          listAt(object, 'spec', 'ports')
            .map((one) => `${numberAt(one, 'port')}/${textAt(one, 'protocol') || 'TCP'}`)
            .join(',') || '<none>',
      ),
      AGE,
      wide(
        'Selector',
        (object) =>
          Object.entries(texts(at(object, 'spec', 'selector')))
            .map(([key, value]) => `${key}=${value}`)
            .join(',') || '<none>',
      ),
    ],
  ],
  ['ConfigMap', [text('Data', (object) => Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length), AGE]],
  ['Secret', [text('Type', or('Opaque', 'type')), text('Data', (object) => Object.keys(objectAt(object, 'data')).length), AGE]],
  ['ServiceAccount', [AGE]],
  [
    'PersistentVolume',
    [
      text('Capacity', or('', 'spec', 'capacity', 'storage')),
      text('Access Modes', (object) => textsAt(object, 'spec', 'accessModes').map(shortMode).join(',')),
      text('Reclaim Policy', or('', 'spec', 'persistentVolumeReclaimPolicy')),
      text('Status', or('', 'status', 'phase')),
      text('Claim', (object) => [textAt(object, 'spec', 'claimRef', 'namespace'), textAt(object, 'spec', 'claimRef', 'name')].filter(Boolean).join('/')),
      text('StorageClass', or('', 'spec', 'storageClassName')),
      text('VolumeAttributesClass', () => '<unset>'),
      text('Reason', or('', 'status', 'reason')),
      AGE,
      wide('VolumeMode', or('Filesystem', 'spec', 'volumeMode')),
    ],
  ],
  [
    'PersistentVolumeClaim',
    [
      text('Status', or('', 'status', 'phase')),
      text('Volume', or('', 'spec', 'volumeName')),
      text('Capacity', or('', 'status', 'capacity', 'storage')),
      text('Access Modes', (object) => textsAt(object, 'status', 'accessModes').map(shortMode).join(',')),
      text('StorageClass', or('', 'spec', 'storageClassName')),
      text('VolumeAttributesClass', () => '<unset>'),
      AGE,
      wide('VolumeMode', or('Filesystem', 'spec', 'volumeMode')),
    ],
  ],
  [
    'Deployment',
    [
      text('Ready', pair(['status', 'readyReplicas'], ['spec', 'replicas'])),
      { ...count('Up-to-date', 'status', 'updatedReplicas'), type: 'string' },
      { ...count('Available', 'status', 'availableReplicas'), type: 'string' },
      AGE,
      ...WORKLOAD,
      SELECTOR,
    ],
  ],
  ['StatefulSet', [text('Ready', pair(['status', 'readyReplicas'], ['spec', 'replicas'])), AGE, ...WORKLOAD]],
  [
    'ReplicaSet',
    [count('Desired', 'spec', 'replicas'), count('Current', 'status', 'replicas'), count('Ready', 'status', 'readyReplicas'), AGE, ...WORKLOAD, SELECTOR],
  ],
  [
    'DaemonSet',
    [
      count('Desired', 'status', 'desiredNumberScheduled'),
      count('Current', 'status', 'currentNumberScheduled'),
      count('Ready', 'status', 'numberReady'),
      count('Up-to-date', 'status', 'updatedNumberScheduled'),
      count('Available', 'status', 'numberAvailable'),
      text('Node Selector', () => '<none>'),
      AGE,
      ...WORKLOAD,
      SELECTOR,
    ],
  ],
  [
    'PodDisruptionBudget',
    [
      text('Min Available', (object) => limit(at(object, 'spec', 'minAvailable'))),
      text('Max Unavailable', (object) => limit(at(object, 'spec', 'maxUnavailable'))),
      count('Allowed Disruptions', 'status', 'disruptionsAllowed'),
      AGE,
    ],
  ],
  [
    'CustomResourceDefinition',
    [
      text('Scope', or('', 'spec', 'scope')),
      text('Versions', (object) =>
        listAt(object, 'spec', 'versions')
          .map((one) => `${textAt(one, 'name')}${at(one, 'storage') === true ? '(storage)' : ''}`)
          .join(','),
      ),
      { ...text('Created At', or('', 'metadata', 'creationTimestamp')), type: 'date' },
      wide('Group', or('', 'spec', 'group')),
      wide('Kind', or('', 'spec', 'names', 'kind')),
      wide('ShortNames', (object) => textsAt(object, 'spec', 'names', 'shortNames').join(',')),
      { ...wide('Established', () => true), type: 'boolean' },
    ],
  ],
  ['Lease', [text('Holder', or('', 'spec', 'holderIdentity')), AGE]],
  [
    'StorageClass',
    [
      text('Provisioner', or('', 'provisioner')),
      text('ReclaimPolicy', or('Delete', 'reclaimPolicy')),
      text('VolumeBindingMode', or('Immediate', 'volumeBindingMode')),
      text('AllowVolumeExpansion', (object) => String(at(object, 'allowVolumeExpansion') === true)),
      AGE,
    ],
  ],
]);

/** The columns of a kind: of a built-in one as its printer has them, of others as the table of kinds says, then the age. */
export function columnsOf(kind: Kind): readonly Column[] {
  const known = kind.custom ? undefined : BUILT_IN.get(kind.kind);
  if (known !== undefined) return known;
  const own = kind.columns.map(([name, path]): Column => {
    const steps = path.split('.');
    if (path === 'metadata.creationTimestamp' || /Time(stamp)?$|lastBackup$/.test(path)) return since(name, ...steps);
    return text(name, (object) => plain(at(object, ...steps)));
  });
  return own.some(({ name }) => name === 'Age') || kind.kind === 'DeleteBackupRequest' ? own : [...own, kind.custom ? { ...AGE, type: 'date' } : AGE];
}

function plain(value: Json | undefined): Json {
  if (value === undefined) return null;
  return isObject(value) || isList(value) ? JSON.stringify(value) : value;
}

function limit(value: Json | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : 'N/A';
}

function shortMode(mode: string): string {
  return (
    new Map([
      ['ReadWriteOnce', 'RWO'],
      ['ReadOnlyMany', 'ROX'],
      ['ReadWriteMany', 'RWX'],
      ['ReadWriteOncePod', 'RWOP'],
    ]).get(mode) ?? mode
  );
}
