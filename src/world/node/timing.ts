/** How long the parts of the control plane and the kubelets take, in ms. A scenario changes them; what is fixed here is as measured on the real ones. */
export type Timing = {
  /** Silence of a kubelet until its node is Unknown: 50 s, in older releases 40 s. */
  nodeGraceMs: number;
  /** From the placing of a pod to its first service, where the pod says nothing. */
  podStartMs: number;
  /** How long a budget that was made or changed is not yet seen by its controller. */
  budgetSeenMs: number;
  /** How long the volumes of a pod that is gone stay attached to a machine that does not answer. */
  forceDetachMs: number;
};

/** As a control plane has it by default. */
export const timingByDefault = (): Timing => ({ nodeGraceMs: 50_000, podStartMs: 1_500, budgetSeenMs: 0, forceDetachMs: 360_000 });

/** How often a kubelet renews its lease: each 10 s, or more often where the grace period is short. */
export const renewEveryMs = ({ nodeGraceMs }: Timing): number => Math.min(10_000, nodeGraceMs / 4);

/** How often the node controller looks at the leases: each 5 s by default. */
export const monitorEveryMs = ({ nodeGraceMs }: Timing): number => nodeGraceMs / 10;
