import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../../e2e/stage/stage.ts';
import { run } from '../run.ts';

/** A Kubernetes object, as far as a test looks into it. */
export const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});
export type Manifest = z.infer<typeof Manifest>;

export const CHART = join(ROOT, 'deploy', 'chart');
export const example = (name: string): string => join(ROOT, 'deploy', 'examples', `values-${name}.yaml`);

const folder = execFileSync('bash', [join(import.meta.dirname, '..', 'helm.sh')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

/** The custom resources that the chart can make, of other projects. */
export const CRDS = join(folder, 'crds.yaml');

/** Helm with a home of its own in this folder; it answers what it prints, and rejects with what it says. */
export function helmIn(home: string, env: Readonly<Record<string, string | undefined>> = process.env): (...args: readonly string[]) => Promise<string> {
  const own = { ...env, HELM_CACHE_HOME: join(home, 'cache'), HELM_CONFIG_HOME: join(home, 'config'), HELM_DATA_HOME: join(home, 'data') };
  return (...args) => run(join(folder, 'helm'), args, { env: own });
}

export function manifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => (document.contents === null ? [] : [Manifest.parse(document.toJS())]));
}

/** The only one of its kind, or the one of this name. */
export function one(all: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = all.filter((manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
  return only;
}
