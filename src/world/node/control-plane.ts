import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { definitionController } from '../definitions.ts';
import type { Objects } from '../objects.ts';
import { attachmentController, isAttached } from './attachments.ts';
import { volumeBinder } from './binder.ts';
import { budgetController } from './budgets.ts';
import { eventWriter } from './events.ts';
import { garbageCollector } from './garbage.ts';
import type { JobManner } from './jobs.ts';
import { kubeletController, type PodManners } from './kubelet.ts';
import type { Kubelets } from './kubelets.ts';
import { nodeLifecycle } from './lifecycle.ts';
import { namespaceController } from './namespaces.ts';
import { podGarbage } from './pod-gc.ts';
import { scheduler } from './scheduler.ts';
import { taintEviction } from './taint-eviction.ts';
import type { Timing } from './timing.ts';
import { workloadController } from './workloads.ts';

type Place = {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly kubelets: Kubelets;
  readonly timing: Timing;
  readonly manners: ReadonlyMap<string, PodManners>;
  readonly jobs: () => readonly JobManner[];
};

/** Everything that acts on the cluster's objects by itself, in the order in which each is told of a change. */
export function controlPlane(parts: Place): void {
  const { objects } = parts;
  const place = { ...parts, tell: eventWriter(parts), isAttached: isAttached.bind(undefined, objects) };
  const controllers = [nodeLifecycle, taintEviction, scheduler, kubeletController, podGarbage, volumeBinder, attachmentController, garbageCollector];
  objects.onChange(definitionController(objects));
  for (const controller of [...controllers, namespaceController, budgetController, workloadController]) objects.onChange(controller(place));
}
