import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { systemIds } from '../../../src/port/ids.ts';
import { IncidentPage, IncidentView } from '../../../src/port/view/incident.ts';
import { AuditReport, Ledger, QuarantinePage } from '../../../src/port/view/operation.ts';
import { Pressed, RunPage, RunView, Started } from '../../../src/port/view/run.ts';
import type { TestCluster } from './cluster.ts';
import { type Line, openLine } from './line.ts';
import { type Program, startProgram } from './program.ts';
import { ROOT, type Stage } from './stage.ts';
import { until } from './until.ts';

/** Salvor as it is served: a program of its own on its embedded store. */
export type Salvor = {
  readonly program: Program;
  readonly url: string;
  readonly operationsUrl: string;
  /** When it was started, and when it said that it listens; ms since 1970. */
  readonly startedMs: number;
  readonly listeningMs: number;
  readonly api: SalvorApi;
  /** The same as another person; only where three of them decide. */
  readonly as: (person: 'ben' | 'cleo') => SalvorApi;
};

/** A site: its configuration, its secrets and its store outlive any one start. */
export type Site = {
  /** Where Alertmanagers post, whichever start of Salvor is behind it. */
  readonly line: Line;
  readonly amTokenFile: string;
  readonly secrets: readonly string[];
  /** Writes the configuration again, as its owner would. */
  readonly configure: (options: SiteOptions) => void;
  readonly start: () => Promise<Salvor>;
};

export type SiteOptions = {
  /** Files of tokens that Alertmanager may have. Default: one. */
  readonly amTokenFiles?: readonly string[];
  /** Where the rest of a group that was cut is read. */
  readonly alertmanagerUrl?: string;
  /** What playbooks may ask for metrics. */
  readonly prometheusUrl?: string;
  /** Webhooks that may wait. */
  readonly inbox?: number;
  /** Ana has ben and cleo beside her, and what cannot be taken back is decided as Salvor has it by default. Default: ana decides alone. */
  readonly three?: boolean;
  /** Of the shipped playbooks only these. Default: all. */
  readonly only?: readonly string[];
  /** What Node is told before the program. */
  readonly node?: readonly string[];
};

/** The ids of the shipped playbooks. */
function shipped(): readonly string[] {
  return readdirSync(join(ROOT, 'playbooks')).map((file) => basename(file, '.yaml'));
}

/** Its source is compiled at each start: on a machine that is busy that took half a minute. */
const STARTS_WITHIN_MS = 90_000;
const LISTENING = z.object({ at: z.string(), url: z.string(), operations: z.string() });

export async function openSite(stage: Stage, { kubeconfigFile }: Pick<TestCluster, 'kubeconfigFile'>, options: SiteOptions = {}): Promise<Site> {
  const line = await openLine();
  stage.onClose(() => line.close());
  const amToken = systemIds.next();
  const tokens = { ana: systemIds.next(), ben: systemIds.next(), cleo: systemIds.next() };
  const amTokenFile = stage.write('alertmanager.token', `${amToken}\n`);
  const quoted = (texts: readonly string[]): string => texts.map((text) => `{ file: ${JSON.stringify(text)} }`).join(', ');
  const person = (name: keyof typeof tokens): string => {
    const file = stage.write(`${name}.token`, `${tokens[name]}\n`);
    return `  - { name: ${name}, teams: [platform], token: ${quoted([file])} }\n`;
  };

  const configure = ({ amTokenFiles = [amTokenFile], alertmanagerUrl, prometheusUrl, inbox = 50_000, only, three = false }: SiteOptions): string =>
    stage.write(
      'salvor.yaml',
      `listen: { address: 127.0.0.1, port: 0, operations: 0 }
store: { kind: embedded, path: ${JSON.stringify(join(stage.folder, 'data'))} }
limits: { inbox: ${inbox} }
clusters:
  - name: prod
    kubeconfig: ${JSON.stringify(kubeconfigFile)}
    alertmanager: { tokens: [${quoted(amTokenFiles)}]${alertmanagerUrl === undefined ? '' : `, url: ${alertmanagerUrl}`} }
${prometheusUrl === undefined ? '' : `    prometheus: { url: ${prometheusUrl} }\n`}people:
${person('ana')}${three ? person('ben') + person('cleo') : ''}roles: { approver: [platform], commander: [platform], owner: [platform] }
rights: { read: [platform], run: [platform], pause: [platform], configure: [platform] }
approvals:
  reversible: { need: [{ team: platform, count: 1 }] }
  ${three ? 'destructive: { need: [{ team: platform, count: 2 }] }' : 'destructive: { need: [{ team: platform, count: 1 }], notRequester: false, typedConfirmation: false }'}
${
  only === undefined
    ? ''
    : `playbooks: { disable: [${shipped()
        .filter((id) => !only.includes(id))
        .join(', ')}] }\n`
}`,
    );
  const file = configure(options);

  return {
    line,
    amTokenFile,
    secrets: [amToken, tokens.ana],
    configure: (again) => void configure(again),
    async start() {
      const startedMs = Date.now();
      const program = startProgram('salvor', process.execPath, [...(options.node ?? []), join(ROOT, 'src', 'main.ts'), 'serve', '--config', file]);
      stage.watch(program);
      const listening = () => {
        if (!program.isRunning()) return 'ended';
        const lines = program.log().split('\n').slice(0, -1);
        return lines.find((text) => text.includes('"serve.listening"'));
      };
      const said = await until('Salvor listens', listening, { withinMs: STARTS_WITHIN_MS });
      if (said === 'ended') throw new Error(`Salvor did not start:\n${program.log()}`);
      const { at, url, operations } = LISTENING.parse(JSON.parse(said));
      line.to(Number(new URL(url).port));
      void program.ended.then(() => line.to(undefined));
      return {
        program,
        url,
        operationsUrl: operations,
        startedMs,
        listeningMs: Date.parse(at),
        api: salvorApi(url, tokens.ana),
        as: (person) => salvorApi(url, tokens[person]),
      };
    },
  };
}

export type SalvorApi = ReturnType<typeof salvorApi>;

const ENDED = new Set(['done', 'recovered', 'rejected', 'expired', 'cancelled', 'rolled-back', 'failed', 'handed-over', 'superseded']);

/** What people and other programs do with Salvor, as ana. */
export function salvorApi(url: string, token: string) {
  const fetchText = async (path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return text;
  };
  const ask = async <T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> => schema.parse(JSON.parse(await fetchText(path, body)));
  const part = encodeURIComponent;
  const runs = async (): Promise<readonly RunView[]> => {
    const { items } = await ask('/api/v1/runs', RunPage);
    return Promise.all(items.map(({ id }) => ask(`/api/v1/runs/${part(id)}`, RunView)));
  };
  const incidents = async (): Promise<readonly IncidentView[]> => {
    const { items } = await ask('/api/v1/incidents', IncidentPage);
    return Promise.all(items.map(({ id }) => ask(`/api/v1/incidents/${part(id)}`, IncidentView)));
  };
  return {
    ledger: () => ask('/api/v1/ledger', Ledger),
    quarantine: async () => (await ask('/api/v1/quarantine', QuarantinePage)).items,
    audit: () => ask('/api/v1/audit', AuditReport),
    runs,
    run: (id: string) => ask(`/api/v1/runs/${part(id)}`, RunView),
    /** Starts a run by hand. */
    start: (playbook: string, params: { readonly [name: string]: string | number | boolean }) =>
      ask(`/api/v1/playbooks/${playbook}/runs`, Started, { params, reason: 'a test asks for it' }),
    reject: ({ id }: Pick<RunView, 'id'>) => ask(`/api/v1/runs/${part(id)}/reject`, Pressed, { reason: 'the test has seen it' }),
    incidents,
    report: (incident: string, format: 'md' | 'html' | 'json') => fetchText(`/api/v1/incidents/${part(incident)}/report?format=${format}`),
    approve: ({ id, digest = '' }: Pick<RunView, 'id' | 'digest'>, confirmation?: string) =>
      ask(`/api/v1/runs/${part(id)}/approve`, Pressed, { plan: digest, ...(confirmation === undefined ? {} : { confirmation }) }),
    answer: (id: string, question: string, value: string | boolean) => ask(`/api/v1/runs/${part(id)}/answers/${part(question)}`, Pressed, { value }),
    cancel: (id: string) => ask(`/api/v1/runs/${part(id)}/cancel`, Pressed, { reason: 'the test has seen enough' }),
    /** Until as many alerts were ever received, and none of them is pending. */
    untilHandled: (accepted: number) =>
      until(`${accepted} alerts are accepted and handled`, async () => {
        const ledger = await ask('/api/v1/ledger', Ledger);
        return ledger.accepted === accepted && ledger.pending === 0 ? ledger : undefined;
      }),
    /** The only run, once it is in this state; a run that ends otherwise is told at once. */
    untilRun: async (state: RunView['state']): Promise<RunView> => {
      const found = await until(`the run is ${state}`, async () => {
        const [run] = await runs();
        return run !== undefined && (run.state === state || ENDED.has(run.state)) ? run : undefined;
      });
      if (found.state !== state) throw new Error(`the run ended ${found.state}: ${found.end ?? 'without a reason'}`);
      return found;
    },
    untilIncident: (state: IncidentView['state'], withinMs?: number): Promise<IncidentView> =>
      until(
        `the incident is ${state}`,
        async () => {
          const [incident] = await incidents();
          return incident?.state === state ? incident : undefined;
        },
        withinMs === undefined ? {} : { withinMs },
      ),
  };
}
