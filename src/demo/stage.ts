import { appendFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../port/clock.ts';
import { systemIds } from '../port/ids.ts';
import { SITE_TEXT } from '../rehearse/site.ts';
import { type Io, serve } from '../serve/serve.ts';
import { type ServedWorld, serveWorld } from '../world/http.ts';
import { kubeconfig } from '../world/kubeconfig.ts';
import { type SimulatedWorld, simulatedWorld, type WorldScenario } from '../world/world.ts';
import { type DemoChannel, demoChannel } from './channel.ts';

/** Where the story plays: a cluster whose backup "daily" failed, and Salvor beside it as it is served, on its embedded store. */
export type DemoStage = ServedSalvor & {
  readonly folder: string;
  /** What the reader is told before the alert, line by line. */
  readonly opening: readonly string[];
  /** Since when the alert fires; ms since 1970. */
  readonly alertMs: number;
  /** Everything that was written to the cluster, as `create Backup/velero/daily-retry-c6b2bfd2`. */
  readonly writes: () => Promise<readonly string[]>;
};

/** Makes the stage; `port` is Salvor's, 0 for any. */
export type OpenStage = (port: number, io: Io) => Promise<DemoStage>;

export type ServedSalvor = {
  readonly url: string;
  /** Ana's token: she may approve. */
  readonly token: string;
  readonly channel: DemoChannel;
  readonly close: () => Promise<void>;
};

/** The night before: a good backup a day ago, and one that failed a few minutes ago because a connection was reset. */
export function demoScenario(nowMs: number): WorldScenario {
  // Its time was 8 minutes ago, whatever the time is now: a backup that is due soon would be waited for.
  const tonight = new Date(nowMs - 8 * 60_000);
  return {
    namespaces: ['shop'],
    schedules: [
      { name: 'daily', cron: `${tonight.getUTCMinutes()} ${tonight.getUTCHours()} * * *`, template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } },
    ],
    backups: [
      { name: 'daily-yesterday', schedule: 'daily', phase: 'Completed', ago: '25h', namespaces: ['shop'], items: 210, volumes: 3 },
      { name: 'daily-tonight', schedule: 'daily', phase: 'Failed', reason: 'connection-reset', ago: '8m', namespaces: ['shop'] },
    ],
    next: [{ outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '12s' }],
  };
}

/** The simulated cluster. */
export async function openDemoStage(port: number, io: Io): Promise<DemoStage> {
  const folder = await mkdtemp(join(tmpdir(), 'salvor-demo-'));
  const world = simulatedWorld({ clock: systemClock, ids: systemIds, clusters: [{ name: 'prod', scenario: demoScenario(systemClock.nowMs()) }] });
  const served = await serveWorld(world);
  const kubeconfigFile = join(folder, 'kubeconfig');
  await writeFile(kubeconfigFile, kubeconfig({ url: served.url, cluster: 'prod' }), { mode: 0o600 });
  const salvor = await serveSalvor({ folder, kubeconfigFile, port, people: { world, ...served } }, io);
  return {
    ...salvor,
    folder,
    opening: ['Salvor, in a simulated world: nothing real is touched.', 'A cluster "prod" with Velero. Its backup "daily" failed 8 minutes ago.'],
    alertMs: systemClock.nowMs() - 300_000,
    writes: async () => world.writes(),
    async close() {
      await salvor.close();
      await served.close();
    },
  };
}

type Place = {
  readonly folder: string;
  readonly kubeconfigFile: string;
  readonly port: number;
  /** Where the people are: the world whose Slack and PagerDuty are served there. */
  readonly people: Pick<ServedWorld, 'slackUrl' | 'pagerdutyUrl'> & { readonly world: Pick<SimulatedWorld, 'slack'> };
};

/** Salvor beside one cluster and the people in a simulated Slack, with everything that it keeps in the folder. */
export async function serveSalvor({ people, ...place }: Place, io: Io): Promise<ServedSalvor> {
  const { folder } = place;
  const token = systemIds.next();
  const configFile = join(folder, 'salvor.yaml');
  await writeFile(join(folder, 'ana.token'), `${token}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'bot.token'), 'xoxb-of-the-demo\n', { mode: 0o600 });
  await writeFile(join(folder, 'app.token'), 'xapp-of-the-demo\n', { mode: 0o600 });
  await writeFile(join(folder, 'pagerduty.key'), 'e93facc04764012d7bfb002500d5d1a6\n', { mode: 0o600 });
  await writeFile(configFile, configText({ ...place, ...people }));

  const stop = new AbortController();
  let ended: Promise<number> | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    const logFile = join(folder, 'salvor.log');
    ended = serve(
      {
        file: configFile,
        stop: stop.signal,
        ready: (at) => resolve(at.url),
        logTo: (line) => void appendFile(logFile, line.endsWith('\n') ? line : `${line}\n`).catch(() => undefined),
      },
      io,
    );
    ended.then((code) => reject(new Error(`Salvor did not start (exit ${code}); its log is ${logFile}`)), reject);
  });
  return {
    url,
    token,
    channel: demoChannel(people.world.slack, `${people.slackUrl}/`),
    async close() {
      stop.abort();
      await ended;
    },
  };
}

/** The rehearsal site's people and rules, on a real kubeconfig; they are in the simulated Slack, too, and ana has a token. */
function configText({ port, folder, kubeconfigFile, slackUrl, pagerdutyUrl }: Omit<Place, 'people'> & Omit<Place['people'], 'world'>): string {
  const site = SITE_TEXT.replace('kubeconfig: /dev/null', `kubeconfig: ${JSON.stringify(kubeconfigFile)}`)
    .replaceAll(/\{ name: (\w+), teams/g, (_, name: string) => `{ name: ${name}, slack: U0${name.toUpperCase()}, teams`)
    .replace('teams: [platform] }', 'teams: [platform], token: { file: ./ana.token } }');
  return `listen: { address: 127.0.0.1, port: ${port}, operations: 0 }
store: { kind: embedded, path: ${JSON.stringify(join(folder, 'data'))} }
slack: { mode: socket, botToken: { file: ./bot.token }, appToken: { file: ./app.token }, channel: '#dr', apiUrl: ${slackUrl}/api/ }
pagerduty: { routingKey: { file: ./pagerduty.key }, eventsUrl: ${pagerdutyUrl}, apiUrl: ${pagerdutyUrl} }
${site.trimStart()}`;
}
