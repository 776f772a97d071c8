import { describe, expect, test } from 'vitest';
import { errorCode, SalvorError } from '../../../src/model/error.ts';
import type { FaultInput } from '../../../src/world/faults.ts';
import { setting } from './setting.ts';

const MAP = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', name: 'a' } as const;

function withFault(...faults: readonly FaultInput[]) {
  const set = setting({ namespaces: ['app'] });
  for (const fault of faults) set.sim.faults.add(fault);
  const fault = async (answer: Promise<unknown>): Promise<SalvorError | undefined> => {
    try {
      await set.wait(answer);
      return undefined;
    } catch (error) {
      if (error instanceof SalvorError) return error;
      throw error;
    }
  };
  const create = () => set.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name: 'a' }, data: {} });
  return { ...set, fault, create, find: () => set.access.find(MAP) };
}

describe('a fault switch', () => {
  test.each<readonly [FaultInput, string, string]>([
    [{ give: 'internal' }, 'kube.unavailable', 'later'],
    [{ give: 'unavailable' }, 'kube.unavailable', 'later'],
    [{ give: 'too-many-requests' }, 'kube.too-many-requests', 'later'],
    [{ give: 'conflict' }, 'kube.conflict', 'now'],
    [{ give: 'forbidden' }, 'kube.forbidden', 'never'],
    [{ give: 'unauthorized' }, 'kube.unauthorized', 'later'],
    [{ give: 'timeout' }, 'kube.timeout', 'later'],
    [{ give: 'expired' }, 'kube.expired', 'now'],
    [{ give: 'hang' }, 'kube.timeout', 'later'],
    [{ give: 'reset' }, 'kube.unavailable', 'later'],
  ])('%j gives a reader %s, to be tried again %s', async (given, code, retry) => {
    const { fault, find } = withFault({ ...given, times: 1 });
    expect(await fault(find())).toMatchObject({ code, retry });
    expect(await fault(find())).toBeUndefined();
  });

  test('says how long to wait where it is told to', async () => {
    const { fault, find } = withFault({ give: 'unavailable', retryAfter: '7s' });
    expect((await fault(find()))?.retryAfterMs).toBe(7000);
  });

  test.each<readonly ['lost-reply' | 'reset-after' | 'hang' | 'reset', boolean]>([
    ['lost-reply', true],
    ['reset-after', true],
    ['hang', false],
    ['reset', false],
  ])('%s makes a write of unknown outcome; done: %s', async (give, done) => {
    const { fault, create, find, sim } = withFault({ give, verb: 'create', times: 1 });
    expect(errorCode(await fault(create()))).toBe('kube.timeout');
    expect((await find()) !== undefined).toBe(done);
    expect(sim.count('create ConfigMap/app/a')).toBe(done ? 1 : 0);
  });

  test('hits only what it names, after those that it skips, as often as it says', async () => {
    const { fault, find, ask } = withFault({ give: 'unavailable', verb: 'read', kind: 'ConfigMap', name: 'a*', skip: 1, times: 2 });
    const met: boolean[] = [];
    for (let times = 0; times < 5; times += 1) met.push((await fault(find())) !== undefined);
    expect(met).toEqual([false, true, true, false, false]);
    const other = withFault({ give: 'unavailable', verb: 'write' });
    expect((await other.ask('get', 'Namespace', { name: 'app' })).code).toBe(200);
    expect((await ask('get', 'Namespace', { name: 'app' })).code).toBe(200);
  });

  test('ends after its time, and can be cleared', async () => {
    const { fault, find, clock, sim } = withFault({ give: 'unavailable', lasts: '10s' });
    expect(await fault(find())).toBeDefined();
    await clock.pass(10_000);
    expect(await fault(find())).toBeUndefined();
    sim.faults.add({ give: 'unavailable' });
    sim.apply({ clearFaults: true });
    expect(await fault(find())).toBeUndefined();
  });

  test('can be slow', async () => {
    const { clock, fault, find } = withFault({ give: 'slow', delay: '3s' });
    const startMs = clock.nowMs();
    expect(await fault(find())).toBeUndefined();
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(3000);
  });

  test('that nobody knows is refused with its name', () => {
    const { sim } = setting();
    expect(() => sim.apply({ faults: [{ give: 'unavailable', verb: 'get', nme: 'a' } as never] })).toThrow(/nme/);
  });
});
