import type { Json } from '../../../src/model/json.ts';

/** The alert about w1, as the common rules raise it: the other labels are those of whoever exports the metric. */
export const W1_NOT_READY = {
  alertname: 'KubeNodeNotReady',
  node: 'w1',
  severity: 'warning',
  namespace: 'monitoring',
  pod: 'kube-state-metrics-0',
  instance: '10.0.0.9:8443',
} as const;

/** What an operator lets start by itself. */
export const AUTO = ['node.cordon', 'node.uncordon'];

const stays = (name: string, more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } => ({
  name,
  node: 'w1',
  tolerates: 'node.kubernetes.io/not-ready',
  ...more,
});

/** Two pods of a Deployment whose budget lets one go at a time, one of a StatefulSet, on a node whose kubelet answers and is not ready. */
export const ANSWERS: { readonly [name: string]: Json } = {
  nodes: [{ name: 'w1', ready: false, kubelet: 'answers', since: '2m' }, { name: 'w2' }, { name: 'w3' }],
  pods: [
    stays('shop/web-1', { owner: 'Deployment/web', labels: { app: 'web' } }),
    stays('shop/web-2', { owner: 'Deployment/web', labels: { app: 'web' } }),
    stays('shop/api-0', { owner: 'StatefulSet/api', labels: { app: 'api' } }),
  ],
  budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 1 }],
};

/** A machine that says nothing, with a pod that has a volume there. */
export const SILENT: { readonly [name: string]: Json } = {
  nodes: [{ name: 'w1', ready: false, kubelet: 'silent', since: '1m' }, { name: 'w2' }, { name: 'w3' }],
  pods: [{ name: 'shop/db-0', node: 'w1', owner: 'StatefulSet/db', volumes: ['data-db-0'] }],
  claims: [{ name: 'shop/data-db-0', attachedTo: 'w1' }],
};
