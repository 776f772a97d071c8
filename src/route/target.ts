import type { Json, JsonObject } from '../model/json.ts';
import { type Labels, label } from '../model/label.ts';
import type { Param, Playbook } from '../model/playbook.ts';

/** What a run is about, and what it locks: a kind of Kubernetes object and its name, `namespace/name` where it has one. */
export type Target = { readonly kind: string; readonly value: string };

type Source = { readonly cluster: string; readonly params: JsonObject; readonly labels?: Labels; readonly found?: JsonObject };

const KINDS: { readonly [T in Param['type']]?: string } = {
  node: 'Node',
  namespace: 'Namespace',
  schedule: 'Schedule',
  backup: 'Backup',
  restore: 'Restore',
  pod: 'Pod',
  volume: 'PersistentVolumeClaim',
  'storage-location': 'BackupStorageLocation',
  cluster: 'Cluster',
};

/** The target of a start, and everything else it locks. `absent` names a reference that leads to nothing. */
export function readTargets(
  playbook: Pick<Playbook, 'target' | 'locks' | 'params'>,
  source: Source,
): { readonly target: Target; readonly locks: readonly Target[] } | { readonly absent: string } {
  const target = targetAt(playbook.target.from, playbook, source);
  if (target === undefined) return { absent: playbook.target.from };
  // An optional parameter that was not given locks nothing.
  const locks = playbook.locks.flatMap(({ from }) => targetAt(from, playbook, source) ?? []);
  return { target, locks };
}

function targetAt(path: string, playbook: Pick<Playbook, 'params'>, source: Source): Target | undefined {
  const [root, ...rest] = path.split('.');
  const name = rest.join('.');
  const param = root === 'params' && Object.hasOwn(playbook.params, name) ? playbook.params[name] : undefined;
  const value = textOf(valueAt(root, name, source));
  if (value === undefined) return undefined;
  return { kind: (param === undefined ? undefined : KINDS[param.type]) ?? (path === 'run.cluster' ? 'Cluster' : 'Target'), value };
}

function valueAt(root: string | undefined, name: string, source: Source): Json | undefined {
  if (root === 'alert') return label(source.labels ?? [], name.replace(/^labels\./, ''));
  if (root === 'run') return name === 'cluster' ? source.cluster : undefined;
  const values = root === 'params' ? source.params : root === 'found' ? source.found : undefined;
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
