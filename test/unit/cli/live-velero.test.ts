import { expect, test } from 'vitest';
import { lookAtVelero } from '../../../src/cli/live-velero.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { simulatedWorld } from '../../../src/world/world.ts';

const LIST = { verb: 'list', group: 'velero.io', resource: 'backupstoragelocations', namespace: 'velero' };
const LOOKING = { needs: [{ permission: LIST, by: ['location.diagnose'], watch: false }], allowed: [LIST] };

/** A cluster whose Velero has its storage in these namespaces. */
function cluster(...namespaces: readonly string[]): Cluster {
  const real = worldCluster(simulatedWorld({ clock: virtualClock(), ids: seededIds(1), clusters: [{ name: 'prod', scenario: {} }] }).cluster());
  const locations = namespaces.map(
    (namespace): KubeObject => ({ apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', metadata: { name: 'default', namespace } }),
  );
  const list: Cluster['access']['list'] = async ({ namespace }) =>
    locations.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  return { ...real, access: { ...real.access, list } };
}

const said = async (...namespaces: readonly string[]): Promise<readonly string[]> =>
  (await lookAtVelero(cluster(...namespaces), LOOKING)).map(({ message }) => message);

const NONE = 'prod has no storage location of Velero in the namespace velero';

test('where Velero lives in another namespace that one is named, with what to write', async () => {
  expect(await said('backups')).toEqual([
    `${NONE}; there is one in backups: write playbooks: { veleroNamespace: backups } in salvor.yaml, then salvor rbac again`,
  ]);
});

test('where there are several, they are named', async () => {
  expect(await said('b', 'a')).toEqual([`${NONE}; there is one in a, b: name yours in playbooks.veleroNamespace of salvor.yaml`]);
});

test('where there is none, or it may not be looked for, it is said how a person finds it', async () => {
  const [none] = await said();
  expect(none).toMatch(/^prod has no .*: it lives elsewhere, or its storage was never set up; kubectl get backupstoragelocations -A tells where/);
});
