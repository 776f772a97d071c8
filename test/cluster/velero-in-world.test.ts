import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../contract/kube/server.ts';
import { worldServer } from '../contract/kube/server-world.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { run } from './run.ts';

const NAMESPACE = 'shop';
/** Velero's command line goes by this machine's clock and says in days what is left; time passes quicker in the world, and it is never ahead. */
const HALF_A_DAY_MS = 43_200_000;
const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: NAMESPACE }, data: { a: '1' } };

let world: Backend;
/** Of its own: what other files back up would stand in the lists. */
let cluster: Cluster;

beforeAll(async () => {
  [world, cluster] = await Promise.all([
    worldServer({ startMs: Date.now() - HALF_A_DAY_MS, scenario: { namespaces: [NAMESPACE], objects: [CONFIG] } }),
    startCluster(),
  ]);
  await cluster.kubectl(['create', 'namespace', NAMESPACE]);
  await cluster.kubectl(['create', '-f', '-'], JSON.stringify(CONFIG));
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await cluster.close();
});

type Velero = (args: readonly string[]) => Promise<string>;

/** Velero's command line on the simulated cluster, where time passes while it waits. */
const inWorld: Velero = (args) => world.wait(run('velero', ['-n', 'velero', ...args], { env: { ...cluster.env, KUBECONFIG: world.kubeconfig } }));

/** What it prints or complains, without what differs from one moment to the next, and without the objects that only a real namespace has. */
async function printed(velero: Velero, line: string): Promise<string> {
  const args = line.split(' ').map((word) => word.replaceAll('_', ' '));
  const text = await velero(args).catch((error: unknown) => (error instanceof Error ? error.message : ''));
  const plain = text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/g, 'TIME')
    .replaceAll(/time="[^"]*"/g, 'time="TIME"')
    .replaceAll(/\n\.*\n/g, '\n')
    .replaceAll(/(items[^:\n]*|Items [a-z ]*): +\d+/g, '$1: N')
    .replaceAll(/ {2}v1\/(Event|ServiceAccount):\n( {4}- .*\n)+/g, '')
    .replaceAll(/ {4}- .*kube-root-ca\.crt.*\n/g, '')
    .replaceAll(/\b\d+[smhd] ago\b/g, 'AGO')
    .replaceAll(/ +$/gm, '')
    .replaceAll(/ {2,}/g, '  ');
  return `$ velero ${line}\n${plain.trim()}`;
}

const STORIES: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'makes backups and tells of them',
    [
      'version',
      'backup-location get',
      'backup get',
      'backup create first --include-namespaces shop --wait',
      'backup get',
      'backup describe first',
      'backup describe first --details',
      'backup create first --include-namespaces shop',
      'backup create second --include-namespaces shop --ttl 48h --labels team=a --wait',
      'backup get second --show-labels',
      'backup get -l team=a',
      'backup create partial --include-namespaces nope --wait',
      'backup describe partial --details',
      'backup create nowhere --storage-location nope',
      'backup create wrong --include-namespaces shop --exclude-namespaces shop --wait',
      'backup describe wrong',
      'backup logs wrong',
      'backup describe nope',
      'backup logs nope',
    ],
  ],
  [
    'restores',
    [
      'restore create back --from-backup first --wait',
      'restore get',
      'restore describe back',
      'restore describe back --details',
      'restore create over --from-backup first --existing-resource-policy update --wait',
      'restore create lost --from-backup nope',
      'restore get',
      'restore delete over --confirm',
      'restore describe nope',
    ],
  ],
  [
    'schedules',
    [
      'schedule create daily --schedule 0_2_*_*_* --include-namespaces shop',
      'schedule get',
      'schedule pause daily',
      'schedule get',
      'schedule unpause daily',
      'schedule describe daily',
      'backup create now --from-schedule daily --wait',
      'backup get now --show-labels',
      'schedule create wrong --schedule 61_*_*_*_*',
      'schedule get wrong',
      'schedule describe wrong',
      'schedule delete daily --confirm',
      'schedule get daily',
    ],
  ],
]);

describe("Velero's command line prints for the simulated cluster what it prints for the real one, where it", () => {
  test.each([...STORIES])('%s', { timeout: 150_000 }, async (_, lines) => {
    for (const line of lines) {
      const [simulated, real] = [await printed(inWorld, line), await printed(cluster.velero, line)];
      expect(simulated).toBe(real);
    }
  });
});

test('logs of backups and restores are read', async () => {
  expect(await inWorld(['backup', 'logs', 'partial'])).toMatch(
    /level=error msg="fail to get the namespace nope specified in backup\.Spec\.IncludedNamespaces" backup=velero\/partial/,
  );
  expect(await inWorld(['restore', 'logs', 'back'])).toMatch(/level=info msg="starting restore" .* restore=velero\/back\n/);
});

test('a backup that is deleted is gone from the lists, with its restores', async () => {
  const said = 'Request to delete backup "first" submitted successfully.';
  for (const velero of [inWorld, cluster.velero]) {
    expect(await velero(['backup', 'delete', 'first', '--confirm'])).toContain(said);
    await expect.poll(async () => await velero(['backup', 'get']), { timeout: 20_000 }).not.toContain('first');
    expect(await velero(['restore', 'get'])).not.toContain('back');
  }
});
