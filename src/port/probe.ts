import type { ProbeResult } from './kube.ts';

/** Looks from outside that the configuration lists by name. Throws `probe.unavailable` for a name that it does not list. */
export interface Probes {
  look(name: string): Promise<ProbeResult>;
}
