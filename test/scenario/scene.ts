import { makeCatalog } from '../../src/action/catalog.ts';
import { callerOf } from '../../src/command/access.ts';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import { defined } from '../../src/model/defined.ts';
import { parseDuration } from '../../src/model/duration.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { problemText } from '../../src/model/problem.ts';
import { parsePlaybook } from '../../src/playbook/parse.ts';
import type { Caller, Commands } from '../../src/port/commands.ts';
import type { IncidentView } from '../../src/port/view/incident.ts';
import type { AuditReport, Ledger } from '../../src/port/view/operation.ts';
import type { Pressed, RunView, Started } from '../../src/port/view/run.ts';
import { rehearsalConfig } from '../../src/rehearse/site.ts';
import { type From, openTheatre, type Theatre } from '../../src/rehearse/theatre.ts';
import { type OracleState, oracleState } from '../../src/store/oracle/state.ts';
import type { Posted } from '../../src/world/people.ts';
import { bodyAlert, sampleBody } from '../unit/ingest/samples.ts';
import { testActions } from './engine/actions.ts';

type Labels = { readonly [name: string]: string };

export type SceneOptions = {
  readonly world: { readonly [name: string]: Json };
  /** Playbooks beside the shipped ones, by id; their actions may be the test actions, too. */
  readonly playbooks?: { readonly [id: string]: string };
  /** Actions that may start by themselves. */
  readonly auto?: string[];
  readonly config?: string;
  readonly reread?: Parameters<typeof openTheatre>[0]['reread'];
  /** A chat of its own, such as Slack; absent: the one that records. */
  readonly chat?: Parameters<typeof openTheatre>[0]['chat'];
  readonly groups?: Parameters<typeof openTheatre>[0]['groups'];
  /** Who stands between each start of Salvor and its store. */
  readonly around?: Parameters<typeof openTheatre>[0]['around'];
};

const shipped = await loadSite(NOTHING_OWN);
/** Nothing starts by the clock: it would open incidents of its own in a story about something else. */
const unscheduled = shipped.playbooks.map(({ schedule: _schedule, ...playbook }) => playbook);
const TEST_ACTIONS = ['test.look', 'test.ready', 'test.write', 'test.clean', 'test.begin', 'test.flip'] as const;
const catalog = makeCatalog([...shipped.catalog.all(), ...TEST_ACTIONS.flatMap((id) => testActions.get(id) ?? [])]);

/** What people and programs see of Salvor, and what happens to them: the whole application on the simulated world and a clock that stands still. */
export type Scene = ReturnType<typeof openScene>;

export function openScene({ world, playbooks = {}, auto = [], config, reread, chat, groups, around }: SceneOptions) {
  const own = Object.entries(playbooks).map(([id, text]) => playbookOf(id, text));
  const state: OracleState = oracleState();
  const theatre: Theatre = openTheatre({
    world,
    site: { catalog, playbooks: [...unscheduled, ...own] },
    policy: { auto },
    state,
    ...(config === undefined ? {} : { config }),
    ...(reread === undefined ? {} : { reread }),
    ...(chat === undefined ? {} : { chat }),
    ...(groups === undefined ? {} : { groups }),
    ...(around === undefined ? {} : { around }),
  });
  const { clock } = theatre;
  const began = new Map<string, string>();
  const commands = (): Commands => theatre.app().commands;
  const caller = (person: string): Caller => callerOf(theatre.app().policy(), person, 'slack');
  const ask = <T>(request: Promise<T>): Promise<T> => theatre.settle(request);
  const reader: Caller = { person: 'ana', rights: ['read'], surface: 'api' };

  const scene = {
    clock,
    world: theatre.world,
    /** All that is stored, for those who spoil it. */
    state,
    app: theatre.app,
    /** A cluster, the chat or the pager changes. */
    change: theatre.change,
    /** Salvor dies where it stands, and is started again. */
    kill: theatre.kill,
    /** Asks anything as a person of the configuration. */
    as: <T>(person: string, what: (commands: Commands, caller: Caller) => Promise<T>): Promise<T> => ask(what(commands(), caller(person))),

    pass: async (time: string): Promise<void> => {
      const ms = parseDuration(time);
      if (ms === undefined) throw new Error(`no duration: ${time}`);
      await clock.pass(ms);
    },

    /** Posts one alert as Alertmanager does; its episode keeps the time at which it began. */
    alert: async (labels: Labels, { status = 'firing', annotations = {}, from }: AlertOptions = {}): Promise<void> => {
      const key = JSON.stringify(labels);
      const now = new Date(clock.nowMs()).toISOString();
      const startsAt = began.get(key) ?? now;
      if (status === 'firing') began.set(key, startsAt);
      else began.delete(key);
      const alert = bodyAlert(labels, { status, startsAt, annotations, ...(status === 'resolved' ? { endsAt: now } : {}) });
      await theatre.post(sampleBody({ alerts: [alert], groupKey: `{}:{alertname="${labels['alertname'] ?? ''}"}` }), from);
    },
    resolved: (labels: Labels): Promise<void> => scene.alert(labels, { status: 'resolved' }),
    post: theatre.post,

    /** Approves what is proposed now, or the plan that is named. */
    approve: async (person: string, { plan, confirmation, run, breakGlass }: Press = {}): Promise<Pressed> => {
      const seen = run ?? (await scene.run());
      const digest = plan ?? seen.digest ?? '';
      return ask(commands().approve(caller(person), seen.id, { plan: digest, ...defined({ confirmation, breakGlass }) }));
    },
    /** These people press at the same moment; what each of them is told. */
    approveAtOnce: async (people: readonly string[], { confirmation, run }: Press = {}): Promise<readonly PromiseSettledResult<Pressed>[]> => {
      const { id, digest = '' } = run ?? (await scene.run());
      const press = { plan: digest, ...(confirmation === undefined ? {} : { confirmation }) };
      return ask(Promise.allSettled(people.map((person) => commands().approve(caller(person), id, press))));
    },
    /** The configuration is read again. */
    configure: (text: string): Promise<void> => ask(theatre.app().reload({ ...theatre.app().settings(), config: rehearsalConfig({ auto }, text) })),
    start: (person: string, playbook: string, params: JsonObject = {}): Promise<Started> =>
      ask(commands().startRun(caller(person), { playbook, params, reason: 'it is time' })),

    /** The newest run, of a playbook where one is named. */
    run: async (playbook?: string): Promise<RunView> => {
      const [newest] = await scene.runs(playbook);
      if (newest === undefined) throw new Error('there is no run');
      return newest;
    },
    runs: async (playbook?: string): Promise<readonly RunView[]> => {
      const { items } = await commands().runs(reader, { limit: 100, ...(playbook === undefined ? {} : { playbook }) });
      return Promise.all(items.map(({ id }) => commands().run(reader, id)));
    },
    /** The newest incident. */
    incident: async (): Promise<IncidentView> => {
      const [newest] = await scene.incidents();
      if (newest === undefined) throw new Error('there is no incident');
      return newest;
    },
    incidents: async (): Promise<readonly IncidentView[]> => {
      const { items } = await commands().incidents(reader, { limit: 100 });
      return Promise.all(items.map(({ id }) => commands().incident(reader, id)));
    },
    /** The newest incident's timeline, in words. */
    timeline: async (): Promise<readonly string[]> => (await scene.incident()).timeline.flatMap(({ text }) => text ?? []),
    report: async (format: 'md' | 'html' | 'json' = 'md'): Promise<string> => commands().report(reader, (await scene.incident()).id, format),
    ledger: (): Promise<Ledger> => commands().ledger(reader),
    audit: (): Promise<AuditReport> => commands().auditVerify(reader),

    /** Everything that was written to clusters, in order. */
    writes: (): readonly string[] => theatre.world.writes(),
    /** Messages as they stand in the chat, one text each; the card is edited and stays the first. */
    chat: (): readonly string[] => theatre.world.chat.messages().map(textOf),
    /** The card of the newest incident. */
    card: (): string => textOf(theatre.world.chat.messages().findLast(({ kind }) => kind === 'card')),
    /** What people are asked to approve, oldest first. */
    proposals: (): readonly string[] => theatre.world.chat.messages().flatMap((one) => (one.kind === 'approval' ? [textOf(one)] : [])),
    /** Pages as `12:15 platform-secondary`, by the clock on the wall. */
    pages: (): readonly string[] =>
      theatre.world.pager
        .pages()
        .flatMap(({ action, atMs, target }) => (action === 'trigger' ? [`${new Date(atMs).toISOString().slice(11, 16)} ${target}`] : [])),
    /** Incidents that somebody was called for and that are not over for the pager. */
    calling: (): readonly string[] => theatre.world.pager.open(),
    close: (): Promise<void> => theatre.settle(theatre.close()),
  };
  return scene;
}

type AlertOptions = { readonly status?: 'firing' | 'resolved'; readonly annotations?: Labels; readonly from?: From };
type Press = { readonly plan?: string; readonly confirmation?: string; readonly breakGlass?: string; readonly run?: RunView };

export function playbookOf(id: string, text: string) {
  const parsed = parsePlaybook({ id, text, file: `${id}.yaml` });
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'));
  return parsed.playbook;
}

function textOf(message: Posted | undefined): string {
  return message === undefined ? '' : [message.title, ...message.lines].join('\n');
}

/** The night before: one good backup of the schedule `daily`, then one that failed for this reason. */
export function failedNight(reason: string, more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return {
    namespaces: ['shop'],
    schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } }],
    backups: [
      { name: 'daily-20261120020000', schedule: 'daily', phase: 'Completed', ago: '34h', namespaces: ['shop'], items: 210, volumes: 3 },
      { name: 'daily-20261121020000', schedule: 'daily', phase: 'Failed', reason, ago: '10h', namespaces: ['shop'] },
    ],
    next: [{ outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '2m' }],
    ...more,
  };
}

/** The alert about it, as the shipped rules raise it. */
export const DAILY_FAILED = { alertname: 'VeleroBackupFailed', schedule: 'daily', namespace: 'velero', severity: 'critical' } as const;
