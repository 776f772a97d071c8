import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { Faults } from '../faults.ts';
import type { PodManners } from '../node/kubelet.ts';
import type { Kubelets } from '../node/kubelets.ts';
import type { Timing } from '../node/timing.ts';
import type { Objects } from '../objects.ts';
import type { ToldSeries } from '../prometheus.ts';
import type { Rule } from '../rights.ts';
import type { ReadScenario } from '../scenario.ts';
import type { Plan } from '../velero/context.ts';
import type { VeleroMetrics } from '../velero/metrics.ts';
import type { VeleroServer } from '../velero/server.ts';
import type { ObjectStorage } from '../velero/storage.ts';

/** What a scenario fixes that is no object: it changes as scenarios are applied. */
export type Settings = {
  veleroNamespace: string;
  rules: readonly Rule[] | undefined;
  readonly series: Map<string, readonly ToldSeries[]>;
  hasPrometheus: boolean;
  readonly probes: Map<string, { readonly ok: boolean; readonly text: string }>;
  jobs: NonNullable<ReadScenario['jobs']>;
};

/** The parts of a cluster that a scenario changes. */
export type Place = {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly kubelets: Kubelets;
  readonly timing: Timing;
  readonly manners: Map<string, PodManners>;
  readonly storage: ObjectStorage;
  readonly plan: Plan;
  readonly metrics: VeleroMetrics;
  readonly velero: VeleroServer;
  readonly faults: Faults;
  readonly settings: Settings;
};
