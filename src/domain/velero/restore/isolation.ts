import { sha256 } from '../../../model/digest.ts';
import type { JsonObject } from '../../../model/json.ts';

/** How a test restore is kept away from everything that is real: a namespace of its own, no way out of it, and changes to what could reach out. */

const LONGEST = 63;
const KEY_LENGTH = 8;

/** Says of a namespace what it is for, so that nobody takes it for something else. */
export const PURPOSE_LABEL = 'salvor.io/purpose';
export const TEST_PURPOSE = 'restore-test';

/** `shop-test-3f9a01c2`: the namespace of a run's test restore. The actions of one stage agree on it by the run alone. */
export function testNamespace(source: string, run: string): string {
  const suffix = `-test-${sha256(run).slice(0, KEY_LENGTH)}`;
  return source.slice(0, LONGEST - suffix.length).replace(/-{1,63}$/, '') + suffix;
}

/** The ConfigMap beside Velero that says what is changed on the way. */
export const modifierName = (testIn: string): string => `${testIn}-modifier`.slice(0, LONGEST);

/**
 * Kinds that would claim a name, a volume, a repository or a bill of the real ones: they are not brought into a test at all.
 * Claims of names in DNS and at doors, certificates, what writes into a backup repository, what fetches real secrets, quotas that do not fit, scalers.
 */
export const NOT_IN_A_TEST: readonly string[] = [
  'ingresses.networking.k8s.io',
  'httproutes.gateway.networking.k8s.io',
  'gateways.gateway.networking.k8s.io',
  'virtualservices.networking.istio.io',
  'dnsendpoints.externaldns.k8s.io',
  'certificates.cert-manager.io',
  'externalsecrets.external-secrets.io',
  'replicationsources.volsync.backube',
  'replicationdestinations.volsync.backube',
  'horizontalpodautoscalers.autoscaling',
  'scaledobjects.keda.sh',
  'resourcequotas',
  'limitranges',
];

/** Whether a kind is left out of a test, by its name in the singular and its group. */
export function isLeftOut(kindName: string): boolean {
  const [kind = '', ...group] = kindName.toLowerCase().split('.');
  const plurals = [`${kind}s`, `${kind}es`, kind.replace(/y$/, 'ies')].map((plural) => [plural, ...group].join('.'));
  return plurals.some((plural) => NOT_IN_A_TEST.includes(plural));
}

/** Nothing leaves the namespace but questions to DNS, and nothing comes in from elsewhere. */
export const CLOSED: JsonObject = {
  podSelector: {},
  policyTypes: ['Ingress', 'Egress'],
  ingress: [{ from: [{ podSelector: {} }] }],
  egress: [
    { to: [{ podSelector: {} }] },
    {
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
  ],
};

/** Marks by which GitOps would take copies for its own, adopt them or prune them. */
const GITOPS_MARKS: JsonObject = {
  metadata: {
    labels: {
      'kustomize.toolkit.fluxcd.io/name': null,
      'kustomize.toolkit.fluxcd.io/namespace': null,
      'helm.toolkit.fluxcd.io/name': null,
      'helm.toolkit.fluxcd.io/namespace': null,
      'argocd.argoproj.io/instance': null,
    },
    annotations: { 'argocd.argoproj.io/tracking-id': null, 'external-dns.alpha.kubernetes.io/hostname': null },
  },
};

/** A door inside the namespace is all that is left of a door to the outside. */
const INNER_DOOR: JsonObject = {
  spec: {
    type: 'ClusterIP',
    externalName: null,
    externalTrafficPolicy: null,
    healthCheckNodePort: null,
    allocateLoadBalancerNodePorts: null,
    loadBalancerClass: null,
    loadBalancerIP: null,
  },
};

/**
 * The rules as Velero reads them: made to objects before they are put into the other namespace, so they name the one in the backup.
 * JSON is YAML, too. Source: Velero 1.18, "Restore Resource Modifiers".
 */
export function modifierRules(source: string): string {
  const rule = (groupResource: string, patch: JsonObject): JsonObject => ({
    conditions: { groupResource, namespaces: [source] },
    mergePatches: [{ patchData: JSON.stringify(patch) }],
  });
  const rules = [
    rule('cronjobs.batch', { spec: { suspend: true } }),
    rule('services', INNER_DOOR),
    ...['*', '*.apps', '*.batch'].map((kinds) => rule(kinds, GITOPS_MARKS)),
  ];
  return JSON.stringify({ version: 'v1', resourceModifierRules: rules });
}
