import { z } from 'zod';
import { counted } from '../../model/counted.ts';
import { parseJson } from '../../model/json.ts';
import { text } from '../lenient.ts';

/** Reads a BackupResourceList: how many objects of each kind, most first. Undefined where it is none: cut, or something else. */
export function countKinds(content: string): readonly { readonly kind: string; readonly count: number }[] | undefined {
  const parsed = z.record(z.string(), z.array(z.unknown()).nullish().catch(undefined)).safeParse(parseJson(content));
  if (!parsed.success) return undefined;
  return Object.entries(parsed.data)
    .map(([key, names]) => ({ kind: key.slice(key.lastIndexOf('/') + 1), count: names?.length ?? 0 }))
    .sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
}

/** The namespaces that a BackupResourceList has objects of, by name. */
export function namespacesOf(content: string): readonly string[] {
  const parsed = z.record(z.string(), z.array(z.string()).nullish().catch(undefined)).safeParse(parseJson(content));
  const paths = Object.values(parsed.data ?? {}).flatMap((names) => names ?? []);
  return [...new Set(paths.flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])))].sort();
}

/** One volume of a backup, as its BackupVolumeInfos tells. */
export type VolumeInfo = { readonly claim: string; readonly method: string; readonly moved: boolean; readonly result: string; readonly skipped?: string };

const Infos = z.array(
  z.looseObject({
    pvcName: text,
    pvcNamespace: text,
    pvName: text,
    backupMethod: text,
    result: text,
    skipped: z.boolean().optional().catch(undefined),
    skippedReason: text,
    snapshotDataMoved: z.boolean().optional().catch(undefined),
  }),
);

/** Reads a BackupVolumeInfos file. Undefined where it is none. Velero writes `null` for no volumes. */
export function readVolumeInfos(content: string): readonly VolumeInfo[] | undefined {
  const json = parseJson(content);
  const parsed = Infos.safeParse(json ?? []);
  if (!parsed.success) return undefined;
  return parsed.data.map(({ pvcName, pvcNamespace, pvName, backupMethod, result, skipped, skippedReason, snapshotDataMoved }) => ({
    claim: pvcName === undefined ? (pvName ?? '?') : `${pvcNamespace ?? '?'}/${pvcName}`,
    method: backupMethod ?? 'none',
    moved: snapshotDataMoved ?? false,
    result: result ?? '',
    ...(skipped === true && { skipped: skippedReason ?? 'no reason given' }),
  }));
}

/** `3 volumes by CSISnapshot`, then each that failed or was left out. */
export function volumeLines(infos: readonly VolumeInfo[]): readonly string[] {
  if (infos.length === 0) return ['no volume is in it'];
  const good = infos.filter(({ result, skipped }) => skipped === undefined && result !== 'failed');
  const methods = [...new Set(good.map(({ method, moved }) => (moved ? `${method}, moved to the storage` : method)))];
  return [
    ...methods.map(
      (method) => `${counted(good.filter((one) => (one.moved ? `${one.method}, moved to the storage` : one.method) === method).length, 'volume')} by ${method}`,
    ),
    ...infos
      .filter(({ result, skipped }) => skipped === undefined && result === 'failed')
      .map(({ claim, method }) => `volume ${claim} is NOT in it: ${method} failed`),
    ...infos.flatMap(({ claim, skipped }) => (skipped === undefined ? [] : [`volume ${claim} is NOT in it: skipped, ${skipped}`])),
  ];
}
