import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { Json, JsonObject } from '../../../../src/model/json.ts';
import { objectAt, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import type { Raw, Reply } from '../raw.ts';
import { realPlace } from './real-place.ts';
import { readObject } from './status.ts';
import { type Story, storyOf } from './story.ts';
import { worldPlace } from './world-place.ts';

/** One of the two clusters that the contract is about, with what its operator could do to it. */
export type Place = AsyncDisposable & {
  readonly isReal: boolean;
  readonly raw: Raw;
  nowMs(): number;
  /** Lets a moment pass in the cluster: about 100 ms. */
  moment(): Promise<void>;
  /** The text of Velero's `/metrics`. */
  metrics(): Promise<string>;
  /** The object storage behind the location `default`. Keys are as in the bucket: `backups/NAME/velero-backup.json`. */
  readonly storage: {
    stop(): Promise<void>;
    start(): Promise<void>;
    keys(): Promise<readonly string[]>;
    remove(key: string): Promise<void>;
  };
  readonly velero: { kill(): Promise<void>; start(): Promise<void> };
  /** What no client can bring about in the simulated cluster; the real one needs no telling. */
  tell(scenario: Scenario): void;
};

export type Site = Omit<Place, 'metrics'> & {
  /** This test's own namespace; it holds two ConfigMaps, `one` and `two`. */
  readonly namespace: string;
  /** A name that was never used. */
  name(text: string): string;
  /** Makes an object of Velero's, in its namespace. */
  make(kind: string, name: string, spec: JsonObject, metadata?: JsonObject): Promise<JsonObject>;
  /** An object of Velero's as it is now; undefined: it is not there. */
  look(kind: string, name: string): Promise<JsonObject | undefined>;
  /** The same, of an object that is there. */
  read(kind: string, name: string): Promise<JsonObject>;
  names(kind: string): Promise<readonly string[]>;
  patch(kind: string, name: string, patch: JsonObject): Promise<void>;
  remove(kind: string, name: string): Promise<void>;
  /** What happens to an object of Velero's from now on, as a watch tells it. */
  watch(kind: string, name: string): Promise<Story>;
  /** Looks until something is so; fails, saying what was awaited, after so many ms of the cluster's time. */
  until<T>(what: string, look: () => Promise<T | undefined>, withinMs?: number): Promise<T>;
  /** The object once its phase is one of these. */
  reaches(kind: string, name: string, phases: readonly string[], withinMs?: number): Promise<JsonObject>;
  /** Velero's samples: `velero_backup_total`, `velero_backup_attempt_total{schedule=""}`. */
  metrics(): Promise<ReadonlyMap<string, number>>;
};

const WITHIN_MS = 20_000;

/** A cluster that no other file uses, so that its server and storage may be stopped. */
export async function openSite(): Promise<Site> {
  const place = inject('cluster') === undefined ? await worldPlace() : await realPlace();
  const { raw } = place;
  const mark = randomBytes(3).toString('hex');
  const namespace = `app-${mark}`;
  let made = 0;
  const path = (kind: string, name = ''): string => `/apis/velero.io/v1/namespaces/velero/${PLURALS[kind] ?? `${kind.toLowerCase()}s`}${name && `/${name}`}`;
  const ask = async (method: string, at: string, body?: Json, contentType?: string): Promise<Reply> => {
    const reply = await raw.request(method, at, { ...(body === undefined ? {} : { body }), ...(contentType === undefined ? {} : { contentType }) });
    if (reply.status >= 300 && reply.status !== 404) throw new Error(`${method} ${at}: ${reply.status} ${reply.text}`);
    return reply;
  };
  const until: Site['until'] = async (what, look, withinMs = WITHIN_MS) => {
    const endMs = place.nowMs() + withinMs;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (place.nowMs() >= endMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
      await place.moment();
    }
  };
  const look: Site['look'] = async (kind, name) => {
    const reply = await ask('GET', path(kind, name));
    return reply.status === 404 ? undefined : readObject(reply.body);
  };
  const site: Site = {
    ...place,
    namespace,
    name: (text) => {
      made += 1;
      return `${text}-${made}-${mark}`;
    },
    async make(kind, name, spec, metadata = {}) {
      return readObject((await ask('POST', path(kind), { apiVersion: 'velero.io/v1', kind, metadata: { name, namespace: 'velero', ...metadata }, spec })).body);
    },
    look,
    async read(kind, name) {
      const found = await look(kind, name);
      if (found === undefined) throw new Error(`no ${kind} ${name}`);
      return found;
    },
    async names(kind) {
      const { items } = readObject((await ask('GET', path(kind))).body);
      return Array.isArray(items) ? items.map((item) => textAt(item, 'metadata', 'name')) : [];
    },
    patch: async (kind, name, patch) => void (await ask('PATCH', path(kind, name), patch, 'application/merge-patch+json')),
    remove: async (kind, name) => void (await ask('DELETE', path(kind, name))),
    watch: (kind, name) => storyOf(raw, { path: path(kind), name, until }),
    until,
    async reaches(kind, name, phases, withinMs) {
      let seen = '';
      return await until(
        `${kind} ${name} to be ${phases.join(' or ')}`,
        async () => {
          const now = await look(kind, name);
          seen = textAt(objectAt(now, 'status'), 'phase');
          return phases.includes(seen) ? now : undefined;
        },
        withinMs,
      ).catch((error: unknown) => {
        throw new Error(`it is ${seen || 'without a phase'}`, { cause: error });
      });
    },
    async metrics() {
      const lines = (await place.metrics()).split('\n').filter((line) => line.startsWith('velero_'));
      return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
    },
    async [Symbol.asyncDispose]() {
      await raw.request('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => undefined);
      await place[Symbol.asyncDispose]();
    },
  };
  await ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of ['one', 'two'])
    await ask('POST', `/api/v1/namespaces/${namespace}/configmaps`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { of: name } });
  return site;
}

const PLURALS: { readonly [kind: string]: string } = { BackupRepository: 'backuprepositories' };
