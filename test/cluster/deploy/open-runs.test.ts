import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { serveApart } from '../../contract/serve/site.ts';
import { salvorApi } from '../../e2e/stage/salvor.ts';
import { openStage, type Stage } from '../../e2e/stage/stage.ts';
import { makeSchedule, phaseOf, untilRun } from '../rights/stage.ts';
import { sharedCluster } from '../shared.ts';
import { CHART, helmIn } from './helm.ts';

/** A release whose pods are fake: the program that they would run is started here, with what the release says. */
const NAME = 'kept';
const SHOP = 'kept-shop';
const cluster = sharedCluster();
const home = mkdtempSync(join(tmpdir(), 'salvor-helm-'));
const helm = helmIn(home, cluster.env);
const at = ['--namespace', NAME] as const;

beforeAll(async () => {
  for (const name of [NAME, SHOP]) await cluster.kubectl(['create', 'namespace', name]);
  await cluster.kubectl(['label', 'namespace', NAME, 'pod-security.kubernetes.io/enforce=restricted']);
  await cluster.kubectl(['-n', SHOP, 'create', 'configmap', 'prices', '--from-literal=tea=3']);
  await makeSchedule(cluster, NAME, [SHOP]);
});
afterAll(async () => {
  await helm('uninstall', NAME, ...at).catch(() => undefined);
  await cluster.kubectl(['-n', 'velero', 'delete', 'schedule', NAME, '--ignore-not-found']);
  await cluster.kubectl(['delete', 'namespace', NAME, SHOP, '--wait=false']);
  rmSync(home, { recursive: true, force: true });
});

const VALUES = {
  fullnameOverride: NAME,
  config: {
    people: [{ name: 'ana', teams: ['platform'], token: { file: '/run/secrets/salvor/token-ana' } }],
    roles: { approver: ['platform'], commander: ['platform'], owner: ['platform'] },
    rights: { run: ['platform'], configure: ['platform'] },
  },
};

const Config = z.looseObject({
  listen: z.looseObject({}),
  store: z.looseObject({ kind: z.literal('embedded'), path: z.string() }),
  clusters: z.array(z.looseObject({ inCluster: z.boolean() })),
});

/** The file that the pod would read, with the pod's places where they are here: its volume, its Secrets, its account. */
async function asInThePod(stage: Stage): Promise<string> {
  const text = await cluster.kubectl(['-n', NAME, 'get', 'configmap', NAME, '-o', 'jsonpath={.data.salvor\\.yaml}']);
  const placed: unknown = parse(text.replaceAll('/var/lib/salvor', join(stage.folder, 'volume')).replaceAll('/run/secrets/salvor', stage.folder));
  const { listen, clusters, ...rest } = Config.parse(placed);
  const token = (await cluster.kubectl(['-n', NAME, 'create', 'token', NAME])).trim();
  const kubeconfig = stage.write(
    'kubeconfig',
    await cluster.kubectl(['config', 'view', '--raw', '--flatten', '-o', 'json']).then((admin) => withToken(admin, token)),
  );
  const [{ inCluster, ...only } = { inCluster: false }] = clusters;
  expect(inCluster).toBe(true);
  return stage.write(
    'salvor.yaml',
    stringify({ ...rest, listen: { ...listen, address: '127.0.0.1', port: 0, operations: 0 }, clusters: [{ ...only, kubeconfig }] }),
  );
}

function withToken(admin: string, token: string): string {
  const config = z.looseObject({ users: z.array(z.looseObject({ name: z.string() })) }).parse(JSON.parse(admin));
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

test('a release that is upgraded keeps a run that waits for its approval, and the rights of the chart are enough to end it', { timeout: 240_000 }, async () => {
  const stage = openStage();
  stage.write('token-ana', 'token-of-ana-1\n');
  stage.write('alertmanager-token', 'token-of-alertmanager-1\n');
  const values = stage.write('values.json', JSON.stringify(VALUES));
  await helm('install', NAME, CHART, ...at, '--values', values);
  const first = await serveApart({ stage, file: await asInThePod(stage) });
  const before = salvorApi(first.url, 'token-of-ana-1');
  const { run } = await before.start('backup-run', { schedule: NAME });
  const proposed = await untilRun(before, run, 'proposed');

  // What the Deployment does with another template: the old process ends, then the new one starts.
  await helm('upgrade', NAME, CHART, ...at, '--values', values, '--set', 'config.limits.inbox=1000', '--set', 'image.tag=next');
  first.program.signal('SIGTERM');
  expect(await first.program.ended).toMatchObject({ code: 0 });
  const second = await serveApart({ stage, file: await asInThePod(stage) });
  const after = salvorApi(second.url, 'token-of-ana-1');

  expect(await after.run(run)).toMatchObject({ state: 'proposed', digest: proposed.digest });
  await after.approve(proposed);
  const done = await untilRun(after, run, 'done');
  expect(await phaseOf(cluster, z.string().parse(done.steps[0]?.result?.['name']))).toBe('Completed');
  // Nothing was forbidden.
  expect([first, second].flatMap(({ log }) => log().filter((line) => /forbidden|may not/.test(line)))).toEqual([]);
});
