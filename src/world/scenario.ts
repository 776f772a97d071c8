import { z } from 'zod';
import { Duration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import { Fault } from './faults.ts';

/** `namespace/name`. */
const Path = z.string().regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, 'expected namespace/name');
const Texts = z.record(z.string(), z.string());
const Count = z.int().min(0);

/** How the object storage behind a BackupStorageLocation behaves. `full` and `read-only` stay Available and refuse writes. */
export const StorageState = z.enum(['available', 'unavailable', 'read-only', 'wrong-bucket', 'wrong-credentials', 'full']);
export type StorageState = z.infer<typeof StorageState>;

/** A named cause: what Velero says for it is in `velero/failures.ts`. */
export const Reason = z.enum([
  'storage-unavailable',
  'storage-full',
  'server-restarted',
  'connection-reset',
  'credentials',
  'hook-failed',
  'no-node-agent',
  'name-taken',
  'namespace-missing',
  'snapshot-timeout',
  'validation',
  'location-unknown',
  'location-unavailable',
  'location-read-only',
]);
export type Reason = z.infer<typeof Reason>;

export const BackupPhase = z.enum([
  'New',
  'Queued',
  'ReadyToStart',
  'InProgress',
  'WaitingForPluginOperations',
  'Finalizing',
  'FinalizingPartiallyFailed',
  'Completed',
  'PartiallyFailed',
  'Failed',
  'FailedValidation',
  'Deleting',
]);

/** Volumes of a backup: how many, or how many of which kind and how many of them worked. */
const Volumes = z.union([Count, z.strictObject({ attempted: Count, completed: Count.optional(), kind: z.enum(['csi', 'native', 'pod-volume']).optional() })]);

/**
 * How a node is: `ready: false` alone is one whose kubelet is silent and that the control plane has given up (Ready Unknown, both taints), with
 * `kubelet: answers` it is Ready False. Without `ready`, what happens now: `kubelet: silent` falls silent and is found out after the grace period,
 * `kubelet: answers` comes back.
 */
const Node = z.strictObject({
  name: z.string(),
  ready: z.boolean().optional(),
  kubelet: z.enum(['answers', 'silent']).optional(),
  cordoned: z.boolean().optional(),
  zone: z.string().optional(),
  labels: Texts.optional(),
  outOfService: z.boolean().optional(),
  /** For how long it has been as it is. */
  since: Duration.optional(),
  annotations: Texts.optional(),
  taints: z
    .array(z.strictObject({ key: z.string(), effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']), value: z.string().optional() }))
    .optional(),
  pressure: z.array(z.enum(['MemoryPressure', 'DiskPressure', 'PIDPressure'])).optional(),
  /** What it has for pods; default: 8 CPUs, 32Gi, 110 pods. */
  capacity: z.strictObject({ cpu: z.string().optional(), memory: z.string().optional(), pods: z.string().optional() }).optional(),
  /** Another one says that the machine was started anew. */
  bootId: z.string().optional(),
  providerId: z.string().optional(),
  age: Duration.optional(),
  gone: z.boolean().optional(),
});

const Pod = z.strictObject({
  name: Path,
  node: z.string().optional(),
  ready: z.boolean().optional(),
  phase: z.enum(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']).optional(),
  /** Taints that it tolerates for ever. */
  tolerates: z.union([z.string(), z.array(z.string())]).optional(),
  /** `StatefulSet/api`, `Deployment/web`, `DaemonSet/agent`, or `none`. Default: by its name, `api-0` is of a StatefulSet. */
  owner: z.string().optional(),
  labels: Texts.optional(),
  /** Names of PersistentVolumeClaims. */
  volumes: z.array(z.string()).optional(),
  /** True: it has a hostPath-like local volume that a drain would lose. */
  emptyDir: z.boolean().optional(),
  grace: Duration.optional(),
  /** How long it takes to stop when asked; `never`: it hangs. */
  stops: z.union([z.literal('never'), Duration]).optional(),
  /** How long it and those that replace it take from their placing to their first service. */
  starts: Duration.optional(),
  /** What its container asks of a node, such as `{ cpu: 500m, memory: 1Gi }`. */
  requests: z.strictObject({ cpu: z.string().optional(), memory: z.string().optional() }).optional(),
  /** Fields of its spec, and of its workload's template: nodeSelector, affinity, topologySpreadConstraints … */
  spec: z.record(z.string(), z.json()).optional(),
  /** Why its container does not run, such as `CrashLoopBackOff`. */
  waiting: z.string().optional(),
  restarts: Count.optional(),
  log: z.array(z.string()).optional(),
  previousLog: z.array(z.string()).optional(),
  gone: z.boolean().optional(),
});

const Budget = z.strictObject({
  name: Path,
  match: Texts,
  minAvailable: z.union([Count, z.string()]).optional(),
  maxUnavailable: z.union([Count, z.string()]).optional(),
  unhealthy: z.enum(['IfHealthyBudget', 'AlwaysAllow']).optional(),
  /** False: its controller has not looked at it yet. */
  observed: z.boolean().optional(),
});

const Claim = z.strictObject({
  name: Path,
  class: z.string().optional(),
  size: z.string().optional(),
  phase: z.enum(['Pending', 'Bound', 'Lost']).optional(),
  access: z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod']).optional(),
  /** The node that its volume is attached to. */
  attachedTo: z.string().optional(),
  /** True: its driver does not detach it there. */
  stuck: z.boolean().optional(),
  /** The only zone, or the only node, that its volume can be used in; a volume of one node is that machine's own disk. */
  zone: z.string().optional(),
  node: z.string().optional(),
});

const Schedule = z.strictObject({
  name: z.string(),
  cron: z.string().optional(),
  paused: z.boolean().optional(),
  template: z.record(z.string(), z.json()).optional(),
  labels: Texts.optional(),
  /** When it made its last backup, as an age. Default: the last time its cron came round, or its newest backup. */
  lastBackup: Duration.optional(),
  age: Duration.optional(),
  gone: z.boolean().optional(),
});

const Outcome = {
  reason: Reason.optional(),
  items: Count.optional(),
  errors: Count.optional(),
  warnings: Count.optional(),
  volumes: Volumes.optional(),
  takes: Duration.optional(),
  /** Lines of its log, put before those that the reason brings. */
  log: z.array(z.string()).optional(),
};

const Backup = z.strictObject({
  name: z.string(),
  schedule: z.string().optional(),
  phase: BackupPhase.optional(),
  /** How long ago it was made. */
  ago: Duration.optional(),
  namespaces: z.array(z.string()).optional(),
  storage: z.string().optional(),
  ttl: Duration.optional(),
  labels: Texts.optional(),
  spec: z.record(z.string(), z.json()).optional(),
  /** `missing`: its files are gone from the bucket. */
  files: z.enum(['there', 'missing']).optional(),
  ...Outcome,
  gone: z.boolean().optional(),
});

const Next = z.strictObject({
  outcome: z.enum(['completed', 'failed', 'partially-failed', 'failed-validation', 'stuck']),
  /** Only for a backup of this schedule, or for one whose name begins so. */
  schedule: z.string().optional(),
  name: z.string().optional(),
  ...Outcome,
});

const NextRestore = z.strictObject({
  outcome: z.enum(['completed', 'failed', 'partially-failed', 'stuck', 'empty']),
  takes: Duration.optional(),
  errors: Count.optional(),
  warnings: Count.optional(),
});

const Velero = z.strictObject({
  /** `wedged`: its Deployment looks well, and it does nothing any more until it is restarted. */
  server: z.enum(['up', 'down', 'restarted', 'wedged']).optional(),
  namespace: z.string().optional(),
  nodeAgent: z.boolean().optional(),
  /** True: backups and restores that start now never end. */
  stuck: z.boolean().optional(),
  downloads: z.enum(['ok', 'missing', 'truncated', 'huge', 'slow', 'expired']).optional(),
  /** What deletion requests say; default: they work. */
  deletions: z.enum(['ok', 'failing']).optional(),
});

const Rule = z.strictObject({
  verbs: z.array(z.string()),
  groups: z.array(z.string()).optional(),
  resources: z.array(z.string()),
  namespaces: z.array(z.string()).optional(),
});
const Job = z.strictObject({
  name: z.string(),
  outcome: z.enum(['completed', 'failed', 'stuck']),
  takes: Duration.optional(),
  log: z.array(z.string()).optional(),
});
/** How long parts of the control plane take. */
const Times = z.strictObject({
  /** Silence of a kubelet until its node is Unknown; default 50s, in older releases 40s. */
  nodeGrace: Duration.optional(),
  /** From the placing of a pod to its first service; default 1.5 s. */
  podStart: Duration.optional(),
  /** How long a budget that is made or changed is still being processed; default: not at all. */
  budgetSeen: Duration.optional(),
  /** How long the volumes of a pod that is gone stay attached to a silent machine; default 6m. */
  forceDetach: Duration.optional(),
});

const Manifest = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
/** A custom kind that the cluster serves, also while there is none of it. */
const CustomKind = z.strictObject({
  apiVersion: z.string().regex(/^[a-z0-9.-]+\/v[0-9a-z]+$/, 'expected group/version'),
  kind: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'expected a kind such as NodeHealthCheck'),
  plural: z.string().optional(),
  /** True: not in namespaces. */
  cluster: z.boolean().optional(),
});

const Series = z.strictObject({
  query: z.string(),
  samples: z.array(
    z.strictObject({
      labels: Texts.optional(),
      value: z.number(),
      /** What it was before, the oldest first; without it, it was always so. */
      was: z.array(z.strictObject({ ago: Duration, value: z.number() })).optional(),
    }),
  ),
});

/**
 * What a cluster of the simulated world looks like, and what happens to it. The same shape makes a cluster and changes a running one:
 * what is named is put or changed, `gone: true` takes it away, and what is not named stays.
 */
export const Scenario = z.strictObject({
  times: Times.optional(),
  nodes: z.array(Node).optional(),
  namespaces: z
    .array(z.union([z.string(), z.strictObject({ name: z.string(), labels: Texts.optional(), annotations: Texts.optional(), gone: z.boolean().optional() })]))
    .optional(),
  pods: z.array(Pod).optional(),
  budgets: z.array(Budget).optional(),
  claims: z.array(Claim).optional(),
  /** The state of the object storage behind each BackupStorageLocation, by its name. */
  storage: z.record(z.string(), StorageState).optional(),
  schedules: z.array(Schedule).optional(),
  backups: z.array(Backup).optional(),
  /** What the next new backups will do, in order; when none is left, they complete. */
  next: z.array(Next).optional(),
  nextRestores: z.array(NextRestore).optional(),
  velero: Velero.optional(),
  /** What Kubernetes Jobs do whose name begins so. */
  jobs: z.array(Job).optional(),
  kinds: z.array(CustomKind).optional(),
  /** Any other objects, as manifests: made, or merged into those that are there. A custom kind that is not served yet is served from then on. */
  objects: z.array(Manifest).optional(),
  /** `Kind/namespace/name` or `Kind/name` of objects that go. */
  remove: z.array(z.string()).optional(),
  faults: z.array(Fault).optional(),
  clearFaults: z.boolean().optional(),
  /** True: history is forgotten, so watches and lists of the past are expired. */
  compact: z.boolean().optional(),
  /** All that Salvor may do; absent: everything. */
  rights: z.array(Rule).optional(),
  /** Answers of the cluster's Prometheus, by the text of the query: other queries find no series. Velero's own metrics are there anyway. `none`: there is no Prometheus. */
  metrics: z.union([z.literal('none'), z.array(Series)]).optional(),
  probes: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), text: z.string().optional() })).optional(),
});

/** A scenario as it is written: durations as text such as `2h`. */
export type Scenario = z.input<typeof Scenario>;

/** A scenario as it is read: durations in ms. */
export type ReadScenario = z.output<typeof Scenario>;

/** Reads a scenario from a playbook or file. Throws `config.invalid`, naming the field. */
export function readScenario(value: unknown): ReadScenario {
  const read = Scenario.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => `${issue.path.join('.') || 'scenario'}: ${issue.message}`);
  throw new SalvorError('config.invalid', `the scenario of the simulated world is wrong: ${problems.join('; ')}`, { cause: read.error });
}
