import { z } from 'zod';
import { ConfigFile } from '../../src/config/schema.ts';

/** The values of the chart. `config` is `salvor.yaml` itself, so the chart knows every setting and refuses every other name. */
const Manifest = z.record(z.string(), z.unknown());
const Labels = z.record(z.string(), z.string());
const Quantity = z.string().regex(/^[0-9.]+([EPTGMk]i?|m)?$/, 'expected a quantity such as 512Mi or 250m');

const Image = z.strictObject({
  repository: z.string().min(1).describe('Where the image is kept.'),
  tag: z.string().describe('Its tag; empty: the version of the chart.'),
  digest: z
    .string()
    .regex(/^(sha256:[0-9a-f]{64})?$/)
    .describe('Its digest; where given, the tag does not count.'),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).describe('When it is pulled.'),
  pullSecrets: z.array(z.string()).describe('Secrets of its registry.'),
});

const Persistence = z.strictObject({
  size: Quantity.describe('Size of the volume of the embedded store.'),
  storageClass: z.string().describe('Its class; empty: the default one.'),
  existingClaim: z.string().describe('A claim that is there already, in place of one of the chart.'),
  keep: z.boolean().describe('Whether the claim stays when the chart is uninstalled.'),
});

const Backup = z.strictObject({
  schedule: z.string().describe('When the store is copied: a cron expression; empty: never.'),
  size: Quantity.describe('Size of the volume of the copies, which is another than that of the store.'),
  storageClass: z.string().describe('Its class; empty: the default one.'),
  token: z.strictObject({ secret: z.string(), key: z.string() }).describe('The Secret, and its key, with the token of a person who has the right `configure`.'),
});

const NetworkPolicy = z.strictObject({
  enabled: z.boolean().describe('Whether a NetworkPolicy is made.'),
  from: z.array(Manifest).describe('Who may reach the public port, as NetworkPolicy peers; none: every pod of the cluster.'),
  metricsFrom: z.array(Manifest).describe('Who may reach the operations port; none: every pod of the cluster.'),
  ports: z.array(z.int().min(1).max(65_535)).describe('TCP ports that Salvor may reach, wherever they are: API server, Slack, PagerDuty, Redis, Prometheus.'),
  egress: z.array(Manifest).describe('More egress rules.'),
});

export const ChartValues = z.strictObject({
  config: ConfigFile.describe('salvor.yaml, whole.'),
  replicas: z.int().min(1).describe('Pods; more than one only with a Redis store.'),
  image: Image.describe('The image.'),
  secrets: z.array(z.string().min(1)).describe('Secrets that are mounted, each below /run/secrets/NAME; settings name their files.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.strictObject({ secret: z.string().min(1), key: z.string().min(1) }))
    .describe('Environment variables, each from a key of a Secret.'),
  playbooks: z.record(z.string().regex(/^[a-z0-9-]+\.yaml$/), z.string()).describe('The site’s own playbooks: file name and text.'),
  persistence: Persistence.describe('The volume of the embedded store.'),
  backup: Backup.describe('A copy of the embedded store every night, say.'),
  serviceAccount: z
    .strictObject({ create: z.boolean(), name: z.string(), annotations: Labels })
    .describe('The account of the pod; without a name it is that of the release.'),
  rbac: z
    .strictObject({
      create: z.boolean().describe('Whether the rights are given that `salvor rbac` prints.'),
      with: z.array(z.string()).describe('Actions of which also the rights are given that are off by default, such as node.delete.'),
    })
    .describe('Rights in the cluster that Salvor runs in.'),
  networkPolicy: NetworkPolicy.describe('Who may reach Salvor, and what it may reach.'),
  resources: z
    .strictObject({ requests: z.record(z.string(), Quantity).optional(), limits: z.record(z.string(), Quantity).optional() })
    .describe('What the pod asks for. A limit of the processor makes leases late.'),
  podDisruptionBudget: z.strictObject({ enabled: z.boolean() }).describe('One replica at a time may be away; only with several.'),
  serviceMonitor: z
    .strictObject({ enabled: z.boolean(), interval: z.string(), labels: Labels })
    .describe('For the Prometheus operator: that the operations port is scraped.'),
  prometheusRule: z
    .strictObject({ enabled: z.boolean(), labels: Labels, files: z.array(z.enum(['salvor', 'velero', 'volsync', 'nodes', 'storage'])) })
    .describe('For the Prometheus operator: the alert rules.'),
  dashboard: z.strictObject({ enabled: z.boolean(), labels: Labels }).describe('A ConfigMap with the Grafana dashboard.'),
  podAnnotations: Labels,
  podLabels: Labels,
  nodeSelector: Labels,
  tolerations: z.array(Manifest),
  affinity: Manifest,
  priorityClassName: z.string(),
  extraVolumes: z.array(Manifest).describe('More volumes, such as one with the site’s own actions.'),
  extraVolumeMounts: z.array(Manifest).describe('Where they are mounted.'),
  nameOverride: z.string(),
  fullnameOverride: z.string(),
  global: z.record(z.string(), z.unknown()).optional(),
});

/** `values.schema.json` */
export function valuesSchema(): string {
  const schema = z.toJSONSchema(ChartValues, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ $comment: 'Made by scripts/generate-docs.ts; edits are lost.', ...schema }, undefined, 2)}\n`;
}
