import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Backup, newestFirst, readBackup } from '../../../src/domain/velero/backup.ts';
import { isTerminal } from '../../../src/domain/velero/phase.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { KubeObject } from '../../../src/model/object.ts';
import { anHourAgo } from '../../e2e/stage/cluster.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';

/** What a test does with the Velero of its cluster: schedules, backups made from them, storage locations. */
export type Backups = ReturnType<typeof backupsOf>;

const List = z.looseObject({ items: z.array(KubeObject) });
/** The first checks of a location that is away try three times, and the server looks at each every ten seconds. */
const LOCATION_MS = 60_000;

export function backupsOf(cluster: Cluster) {
  const all = async (): Promise<readonly Backup[]> => {
    const { items } = List.parse(JSON.parse(await cluster.kubectl(['-n', 'velero', 'get', 'backups.velero.io', '-o', 'json'])));
    return items.map(readBackup);
  };
  const named = async (name: string): Promise<Backup> => {
    const found = (await all()).find((backup) => backup.name === name);
    if (found === undefined) throw new Error(`there is no backup ${name}`);
    return found;
  };
  const self = {
    all,
    named,
    newest: async (schedule: string): Promise<Backup | undefined> => newestFirst((await all()).filter((backup) => backup.schedule === schedule))[0],
    apply: (objects: readonly object[]): Promise<string> =>
      cluster.kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })),
    /** ConfigMaps of nearly a megabyte that does not compress: a backup of them takes its time. */
    ballast: (inNamespace: string, count: number): Promise<string> => {
      const items = Array.from({ length: count }, (_, index) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `ballast-${index}`, namespace: inNamespace },
        data: { data: randomBytes(650_000).toString('base64') },
      }));
      return cluster.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    },
    /** Makes a backup as somebody at the command line does. */
    start: (name: string, schedule: string): Promise<string> => cluster.velero(['backup', 'create', name, '--from-schedule', schedule]),
    /** The same, and waits for its end. */
    async make(name: string, schedule: string): Promise<Backup> {
      await self.start(name, schedule);
      return self.over(name);
    },
    over: (name: string): Promise<Backup> => self.when(name, ({ phase }) => isTerminal(phase)),
    /** As soon as a backup is so. */
    when: (name: string, isSo: (backup: Backup) => boolean): Promise<Backup> =>
      until(
        `the backup ${name} is as it should be`,
        async () => {
          const backup = await named(name);
          return isSo(backup) ? backup : undefined;
        },
        { withinMs: 120_000 },
      ),
    /** Until Velero says this of a storage location. */
    location: (name: string, phase: 'Available' | 'Unavailable'): Promise<string> =>
      cluster.kubectl(['-n', 'velero', 'wait', '--for', `jsonpath={.status.phase}=${phase}`, `bsl/${name}`, '--timeout', `${LOCATION_MS / 1000}s`]),
    /** Frozen, the storage answers nobody and breaks no connection: a backup stays in progress for as long as that lasts. */
    storage: (what: 'freeze' | 'thaw'): boolean =>
      process.kill(-Number(readFileSync(join(cluster.dir, 'pid', 'versitygw'), 'utf8')), what === 'freeze' ? 'SIGSTOP' : 'SIGCONT'),
    /** The value of one of Velero's metrics for a schedule; undefined where it has none. */
    async metric(name: string, schedule: string): Promise<number | undefined> {
      const text = await (await fetch(cluster.env['VELERO_METRICS'] ?? '')).text();
      const line = text.split('\n').find((one) => one.startsWith(`${name}{schedule="${schedule}"}`));
      return line === undefined ? undefined : Number(line.split(' ').at(-1));
    },
  };
  return self;
}

/** A schedule whose time came an hour ago: no backup of it is due while a test runs. */
export function schedule(name: string, template: JsonObject): object {
  return { apiVersion: 'velero.io/v1', kind: 'Schedule', metadata: { name, namespace: 'velero' }, spec: { schedule: anHourAgo(), template } };
}

export function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** A pod with one volume, which a fake node runs. */
export function pod(inNamespace: string, name: string): object {
  const containers = [{ name: 'app', image: 'app', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: inNamespace }, spec: { containers, volumes: [{ name: 'data', emptyDir: {} }] } };
}

type LocationSpec = {
  readonly bucket?: string;
  readonly url?: string;
  readonly accessMode?: 'ReadOnly';
  readonly region?: string;
  readonly credential?: { readonly name: string; readonly key: string };
};

/** A storage location beside the default one: its own folder of the same bucket, unless something about it is wrong. */
export function location(
  cluster: Cluster,
  name: string,
  { bucket = 'velero', url = cluster.env['S3_ENDPOINT'] ?? '', region = 'us-east-1', ...spec }: LocationSpec,
): object {
  return {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name, namespace: 'velero' },
    spec: { provider: 'aws', objectStorage: { bucket, prefix: name }, config: { region, s3ForcePathStyle: 'true', s3Url: url }, ...spec },
  };
}
