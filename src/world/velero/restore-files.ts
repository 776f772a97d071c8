import type { Json } from '../../model/json.ts';
import type { WorldObject } from '../object.ts';
import type { Velero } from './context.ts';
import { logLine } from './failures.ts';
import type { Brought } from './restore-objects.ts';
import { targetKey } from './storage.ts';

type Files = { readonly location: string; readonly brought: Brought; readonly errors: readonly string[] };

/** Puts a restore's log, results and lists into the bucket of its backup. */
export function writeRestoreFiles({ storage, clock }: Pick<Velero, 'storage' | 'clock'>, restore: WorldObject, { location, brought, errors }: Files): void {
  const { name, namespace = '' } = restore.metadata;
  const about = { name, namespace, atMs: clock.nowMs(), what: 'restore' as const };
  const put = (kind: string, content: Json): void =>
    storage.put(location, targetKey(kind, name) ?? '', typeof content === 'string' ? content : JSON.stringify(content));
  const byNamespace = Map.groupBy(brought.warnings, ([of]) => of);
  const warned = Object.fromEntries([...byNamespace].map(([of, list]) => [of, list.map(([, text]) => text)]));
  const lists = Map.groupBy(brought.done, ([kind]) => kind);
  const log = [
    logLine(about, 'info', { msg: 'starting restore' }),
    ...errors.map((error) => logLine(about, 'error', { msg: `Velero restore error: ${error}` })),
    ...brought.warnings.map(([of, text]) => logLine(about, 'warning', { msg: `Namespace ${of}, resource restore warning: ${text}` })),
    logLine(about, 'info', { msg: 'restore completed' }),
  ];
  put('RestoreLog', log.map((line) => `${line}\n`).join(''));
  put('RestoreResults', { errors: errors.length === 0 ? {} : { velero: errors }, warnings: brought.warnings.length === 0 ? {} : { namespaces: warned } });
  put(
    'RestoreResourceList',
    Object.fromEntries([...lists].map(([kind, list]) => [kind, list.map(([, what]) => what).sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  put('RestoreItemOperations', []);
  put('RestoreVolumeInfo', []);
}
