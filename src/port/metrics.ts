import type { Sample } from './kube.ts';

/** A cluster's Prometheus, read only: an instant query. Throws `metrics.unavailable`. */
export interface Metrics {
  query(text: string, labels?: { readonly [name: string]: string }): Promise<readonly Sample[]>;
}
