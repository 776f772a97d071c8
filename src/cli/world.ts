import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { errorCode, errorText } from '../model/error.ts';
import { type ServedWorld, serveWorld } from '../world/http.ts';
import { kubeconfig } from '../world/kubeconfig.ts';
import { type SimulatedWorld, worldFrom } from '../world/world.ts';
import { type Context, EXIT } from './context.ts';
import { printFault, printLine } from './print.ts';

export type WorldOptions = {
  /** What there is, as under `world:` of a rehearsal; absent: an empty cluster. */
  readonly scenario?: string;
  /** 0: any free one. */
  readonly port?: number;
  /** One line of JSON when it is ready. */
  readonly json?: boolean;
};

/** `salvor world`: the simulated cluster, Slack and PagerDuty alone, over HTTP on this machine, until SIGTERM. */
export async function world({ scenario, port = 0, json = false }: WorldOptions, context: Context): Promise<number> {
  const { io, clock, ids } = context;
  const stop = context.stop();
  let simulated: SimulatedWorld;
  try {
    simulated = worldFrom(scenario === undefined ? {} : (parse(readFileSync(scenario, 'utf8')) ?? {}), { clock, ids });
  } catch (error) {
    printFault(io, `${scenario ?? 'the scenario'}: ${errorText(error)}`);
    return EXIT.wrongUse;
  }
  let served: ServedWorld;
  try {
    served = await serveWorld(simulated, { port });
  } catch (error) {
    printFault(io, `Cannot listen on 127.0.0.1:${port}: ${errorText(error)}`);
    return errorCode(error) === 'internal' ? EXIT.no : EXIT.wrongUse;
  }
  const folder = mkdtempSync(join(tmpdir(), 'salvor-world-'));
  try {
    const files = simulated.names().map((name, index) => {
      const file = join(folder, index === 0 ? 'kubeconfig' : `kubeconfig-${name}`);
      writeFileSync(file, kubeconfig({ url: index === 0 ? served.url : served.urlOf(name), cluster: name }), { mode: 0o600 });
      return { name, kubeconfig: file };
    });
    const [first] = files;
    const slack = `${served.slackUrl}/api/`;
    if (json) io.stdout(`${JSON.stringify({ kubeconfig: first?.kubeconfig, url: served.url, slack, pagerduty: served.pagerdutyUrl, clusters: files })}\n`);
    else {
      printLine(io, `The simulated cluster is ready at ${served.url}; Ctrl-C ends it`);
      for (const { kubeconfig: file } of files) printLine(io, `  export KUBECONFIG=${file}; kubectl get nodes`);
      printLine(io, `  Slack is at ${served.slackUrl}/ for people, and at ${slack} as slack.apiUrl in salvor.yaml; any token xoxb-… and xapp-… is good`);
      printLine(io, `  PagerDuty is at ${served.pagerdutyUrl}: as pagerduty.eventsUrl and apiUrl in salvor.yaml`);
    }
    await aborted(stop);
  } finally {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return EXIT.done;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
