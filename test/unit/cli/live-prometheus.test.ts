import { expect, test } from 'vitest';
import { lookAtPrometheus } from '../../../src/cli/live-prometheus.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { simulatedWorld } from '../../../src/world/world.ts';

const VELERO = [{ permission: { verb: 'list', group: 'velero.io', resource: 'backups' }, by: ['backup.diagnose'], watch: false }];

function cluster(scenario: Scenario): Cluster {
  return worldCluster(simulatedWorld({ clock: virtualClock(), ids: seededIds(1), clusters: [{ name: 'prod', scenario }] }).cluster());
}

test('a Prometheus that knows Velero is nothing to tell', async () => {
  expect(await lookAtPrometheus(cluster({}), VELERO)).toEqual([]);
});

test('one that does not know it is a warning, where a playbook asks about Velero', async () => {
  const withoutVelero = { ...cluster({}), access: { ...cluster({}).access, metrics: async () => [] } };
  expect(await lookAtPrometheus(withoutVelero, VELERO)).toMatchObject([
    { code: 'live.prometheus', warning: true, message: expect.stringContaining('port 8085') },
  ]);
  expect(await lookAtPrometheus(withoutVelero, [])).toEqual([]);
});

test('one that gives no answer is a problem', async () => {
  const [found] = await lookAtPrometheus(cluster({ metrics: 'none' }), VELERO);
  expect(found).toMatchObject({ code: 'live.prometheus', message: 'prod: no Prometheus is configured for prod' });
  expect(found?.warning).toBeUndefined();
});
