import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { renderText } from '../../../src/world/slack/page/render-text.ts';
import type { SimulatedSlack } from '../../../src/world/slack/slack.ts';
import { emptyWorkspace, type Message } from '../../../src/world/slack/workspace.ts';
import type { WorldScenario } from '../../../src/world/world.ts';
import { type Browser, browser } from '../../contract/console/browser.ts';
import { type Here, type Serving, serveHere } from '../../contract/serve/site.ts';
import { failedNight, openCluster, type TestCluster } from '../stage/cluster.ts';
import { openStage, ROOT, type Stage } from '../stage/stage.ts';

/**
 * Salvor as it is served, with a simulated cluster, Slack and PagerDuty beside it, all over HTTP and by the clock of the machine; and the people who
 * are asked: ana and ben of platform, cleo of incident-command. Times that policies count in minutes are seconds here.
 */
export type Office = {
  readonly stage: Stage;
  readonly cluster: TestCluster;
  readonly slack: SimulatedSlack;
  readonly file: string;
  readonly serve: () => Promise<Here>;
  /** A person at the console, logged in. */
  readonly atConsole: (serving: Serving, person: string) => Promise<Browser>;
  /** What a person types in a terminal. */
  readonly salvor: (serving: Serving, person: string, words: readonly string[]) => Promise<{ readonly code: number; readonly out: string }>;
};

const PEOPLE = ['ana', 'ben', 'cleo'] as const;

export type OfficeOptions = {
  readonly world?: WorldScenario;
  /** Lines of the configuration that take the place of the usual ones of the same name. */
  readonly settings?: { readonly [name: string]: string };
  /** More of what is said about PagerDuty. */
  readonly pager?: string;
  /** The site's own playbooks, by their ids. */
  readonly playbooks?: { readonly [id: string]: string };
};

export async function openOffice({ world = failedNight(['daily']), settings = {}, pager = '', playbooks = {} }: OfficeOptions = {}): Promise<Office> {
  const stage = openStage();
  const cluster = await openCluster(stage, world);
  stage.write('alertmanager.token', 'token-of-alertmanager-1\n');
  for (const name of PEOPLE) stage.write(`${name}.token`, `token-of-${name}-1\n`);
  stage.write('slack.bot', 'xoxb-of-the-office\n');
  stage.write('slack.app', 'xapp-of-the-office\n');
  stage.write('pd.key', 'e93facc04764012d7bfb002500d5d1a6\n');
  stage.write('pd-second.key', 'f03facc04764012d7bfb002500d5d1a7\n');
  stage.write('pd.token', 'u+of-the-office\n');
  stage.write('pd.secret', 'the-secret-of-the-subscription\n');
  const folder = stage.makeFolder('playbooks');
  for (const [id, text] of Object.entries(playbooks)) stage.write(join('playbooks', `${id}.yaml`), text);
  const usual: { readonly [name: string]: string } = {
    listen: '{ address: 127.0.0.1, port: 0, operations: 0 }',
    store: '{ kind: embedded, path: ./data }',
    clusters: `[{ name: prod, default: true, kubeconfig: ${JSON.stringify(cluster.kubeconfigFile)}, alertmanager: { tokens: [{ file: ./alertmanager.token }] } }]`,
    slack: `{ mode: socket, botToken: { file: ./slack.bot }, appToken: { file: ./slack.app }, channel: '#dr', apiUrl: ${cluster.slack} }`,
    pagerduty: `{ routingKey: { file: ./pd.key }, routes: { platform-secondary: { file: ./pd-second.key } }, eventsUrl: ${cluster.pagerduty}, apiUrl: ${cluster.pagerduty}${pager} }`,
    people: `[${PEOPLE.map((name) => `{ name: ${name}, slack: U0${name.toUpperCase()}, pagerduty: P0${name.toUpperCase()}, teams: [${name === 'cleo' ? 'incident-command' : 'platform'}], token: { file: ./${name}.token } }`).join(', ')}]`,
    roles: '{ approver: [platform], commander: [incident-command], owner: [platform] }',
    rights: '{ read: everyone, run: [platform], pause: [platform], supersede: [incident-command], configure: [platform] }',
    ladders: '{ default: [{ page: platform-primary, after: 0m }, { page: platform-secondary, after: 15m }] }',
    playbooks: `{ folders: [${JSON.stringify(folder)}] }`,
  };
  const text = Object.entries({ ...usual, ...settings }).map(([name, value]) => `${name}: ${value}\n`);
  const file = stage.write('salvor.yaml', text.join(''));
  return {
    stage,
    cluster,
    slack: cluster.world.slack,
    file,
    serve: () => serveHere({ file }),
    async atConsole(serving, person) {
      const own = browser(serving);
      await own.open('/login');
      await own.send(/^\/login$/, { token: `token-of-${person}-1` });
      return own;
    },
    salvor: (serving, person, words) =>
      new Promise((resolve) => {
        const env = { ...process.env, SALVOR_URL: serving.url, SALVOR_TOKEN: `token-of-${person}-1`, NO_COLOR: '1' };
        execFile(process.execPath, [join(ROOT, 'src', 'main.ts'), ...words], { env, timeout: 90_000 }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: `${stdout}${stderr}` }),
        );
      }),
  };
}

/** A message as a person reads it. */
export function spoken(message: Message): string {
  return renderText(message, emptyWorkspace());
}
