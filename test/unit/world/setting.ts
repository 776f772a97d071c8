import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { copyOf } from '../../../src/world/object.ts';
import type { ApiRequest } from '../../../src/world/request.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import type { Answer } from '../../../src/world/status.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/velero');

type Recorded = { readonly title: string; readonly code: number; readonly headers: { readonly [name: string]: string }; readonly body: Json };

const answers: { readonly [file: string]: readonly Recorded[] } = JSON.parse(readFileSync(join(fixtures, 'api-server-answers.json'), 'utf8'));

/** What the real API server answered, by file and the beginning of its title. */
export function observed(file: string, title: string): Recorded {
  const found = answers[file]?.find((one) => one.title.startsWith(title));
  if (found === undefined) throw new Error(`nothing recorded for ${file}: ${title}`);
  return found;
}

/** Objects as the real Velero left them. */
export const veleroObjects: { readonly [name: string]: JsonObject } = JSON.parse(readFileSync(join(fixtures, 'velero-objects.json'), 'utf8'));

export const veleroMetricsText = readFileSync(join(fixtures, 'velero-metrics.txt'), 'utf8');

type Asking = Partial<Omit<ApiRequest, 'kind' | 'verb'>>;

/** A cluster on a clock that the test moves, and the requests that a client makes to it. */
export function setting(scenario: Scenario = {}) {
  const clock = virtualClock();
  const sim = simulatedCluster({ name: 'prod', clock, ids: seededIds('test'), scenario });
  const { access, ...port } = worldCluster(sim, { userAgent: 'salvor/test' });
  const ask = async (verb: ApiRequest['verb'], kind: string, asking: Asking = {}): Promise<Answer> => {
    const [apiVersion = '', name = ''] = kind.includes(' ') ? kind.split(' ') : ['v1', kind];
    const served = await sim.api.serve({ verb, kind: theKind(apiVersion, name), options: {}, userAgent: 'test/1', ...asking });
    if (served.kind !== 'answer') throw new Error(served.kind);
    return served.answer;
  };
  return {
    clock,
    sim,
    access,
    port,
    ask,
    configMap: (name: string, data: JsonObject = {}): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'app' }, data }),
    /** The Backup as it is now. */
    backup: async (name: string): Promise<JsonObject> => asJson(await access.get({ apiVersion: 'velero.io/v1', kind: 'Backup', namespace: 'velero', name })),
    makeBackup: async (name: string, spec: JsonObject = {}): Promise<void> => {
      await access.create({ apiVersion: 'velero.io/v1', kind: 'Backup', metadata: { namespace: 'velero', name }, spec });
    },
    /** Waits for an answer while time passes. */
    wait: async <T>(answer: Promise<T>, mostMs = 120_000): Promise<T> => {
      let settled = false;
      answer.then(
        () => (settled = true),
        () => (settled = true),
      );
      for (let passedMs = 0; !settled && passedMs <= mostMs; passedMs += 250) await clock.pass(250);
      return answer;
    },
  };
}

export function asJson(value: unknown): JsonObject {
  return copyOf(JSON.parse(JSON.stringify(value)));
}
