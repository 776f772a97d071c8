import type { App } from '../../../src/app.ts';
import type { Playbook, Rehearsal } from '../../../src/model/playbook.ts';
import type { Caller, Commands } from '../../../src/port/commands.ts';
import type { Page } from '../../../src/port/pager.ts';
import type { Commit } from '../../../src/port/store.ts';
import { playRehearsal, type Stage } from '../../../src/rehearse/play.ts';
import { openTheatre, type Theatre } from '../../../src/rehearse/theatre.ts';
import { type Mortal, mortal, type Point } from './death.ts';

export type Story = { readonly playbook: Playbook; readonly rehearsal: Rehearsal };

/** How a story ended, in everything that a user could notice. */
export type End = Awaited<ReturnType<typeof endOf>>;

export type Told = { readonly end: End; readonly problems: readonly string[]; readonly commits: Mortal['commits']; readonly died: boolean };

type Telling = { readonly point?: Point; readonly onCommit?: (commit: Commit, n: number) => void };

/** Plays a rehearsal; where a point is named Salvor dies there, is started again at once, and whoever heard no answer asks again. */
export async function tell({ playbook, rehearsal }: Story, site: Stage, { point, onCommit }: Telling = {}): Promise<Told> {
  let theatre: Theatre | undefined;
  let end: End | undefined;
  let toldDead = Promise.withResolvers<void>();
  const life = mortal(
    point,
    () => {
      theatre?.kill();
      toldDead.resolve();
      toldDead = Promise.withResolvers();
    },
    onCommit,
  );
  const open: typeof openTheatre = (play) => {
    const inner = openTheatre({ ...play, around: life.around });
    theatre = inner;
    // What PagerDuty makes of a page that comes twice under one key: one.
    const pager = { ...inner.world.pager, pages: () => distinct(inner.world.pager.pages()) };
    const app = (): App => ({
      ...inner.app(),
      commands: patient(
        () => inner.app().commands,
        () => toldDead.promise,
      ),
    });
    const close = async (): Promise<void> => {
      end = await endOf(inner);
      // It may die while it stops: then it is the next one that is stopped.
      const dies = toldDead.promise;
      await Promise.race([inner.close(), dies.then(() => inner.close())]);
    };
    return { ...inner, world: { ...inner.world, pager }, app, close };
  };
  const { problems } = await playRehearsal(playbook, rehearsal, { ...site, open });
  if (end === undefined) throw new Error(`the story has no end: ${problems.join('; ')}`);
  return { end, problems, commits: life.commits, died: life.isDead() };
}

/** Commands of whoever is up: what was asked of one that died is asked again of the next. A refusal then says that it was heard the first time. */
function patient(commands: () => Commands, dead: () => Promise<void>): Commands {
  const ask = async (name: string | symbol, given: readonly unknown[]): Promise<unknown> => {
    const lost = Symbol('lost');
    const call = async (): Promise<unknown> => Reflect.apply(Reflect.get(commands(), name), undefined, given);
    const answer: unknown = await Promise.race([call(), dead().then(() => lost)]);
    return answer === lost ? call().catch(() => undefined) : answer;
  };
  return new Proxy(commands(), {
    get:
      (_, name) =>
      (...given: readonly unknown[]) =>
        ask(name, given),
  });
}

function distinct<P extends Page>(pages: readonly P[]): readonly P[] {
  const keys = pages.map(({ action, dedupKey, target, summary }) => [action, dedupKey, target, summary].join(' '));
  return pages.filter((_, at) => keys.indexOf(keys[at] ?? '') === at);
}

const READER: Caller = { person: 'ana', rights: ['read'], surface: 'api' };

/** Lines that are there once or twice, as a look came before or behind a death; what is done and decided is in the others. */
const LOOKS = new Set(['step.progress', 'await.waiting', 'run.trouble', 'run.unverified', 'run.held']);

/** How many of these are one line goes by what else was read with them; the ledger counts alerts. */
const isAlert = (type: string): boolean => type.startsWith('alert.');
const isOwn = (type: string): boolean => /^(incident|escalation)\./.test(type);
const isOfRun = (type: string): boolean => !isOwn(type);

async function endOf(theatre: Theatre) {
  const { commands } = theatre.app();
  const { items: runs } = await commands.runs(READER, { limit: 100 });
  const { items: incidents } = await commands.incidents(READER, { limit: 100 });
  const views = await Promise.all(incidents.map(({ id }) => commands.incident(READER, id)));
  const timelines = views.map(({ timeline }) =>
    timeline.map(({ type }) => type).filter((type, at, all) => !LOOKS.has(type) && type !== all[at - 1] && !(isAlert(type) && all.indexOf(type) < at)),
  );
  const stopsMs = views.flatMap(({ timeline }) => timeline.filter(({ type }) => type === 'escalation.stopped').map(({ at }) => at));
  return {
    runs: runs.map(({ playbook, target, state }) => `${playbook} ${target} ${state}`).toSorted(),
    incidents: views.map(({ state, closedBecause = '' }) => `${state} ${closedBecause}`),
    writes: theatre.world.writes(),
    // A run and its incident write on their own, and so do several runs: which of them says something first is open.
    timelines: timelines.map((lines) => [lines.filter(isOwn), runs.length > 1 ? lines.filter(isOfRun).toSorted() : lines.filter(isOfRun)]),
    messages: theatre.world.chat
      .messages()
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'timeline')
      .toSorted(),
    pages: calledBy(theatre.world.pager.pages(), stopsMs),
    calling: theatre.world.pager.open().length,
    ledger: await commands.ledger(READER),
    audit: (await commands.auditVerify(READER)).problems,
  };
}

/** Who is called, by whatever ladder. The next rung of one that stops in the very second in which that rung is due is reached or not. */
function calledBy(pages: readonly (Page & { readonly atMs: number })[], stopsMs: readonly number[]): readonly string[] {
  const isTie = ({ summary, atMs }: (typeof pages)[number], at: number): boolean =>
    pages.slice(0, at).some((before) => before.summary === summary) && stopsMs.some((ms) => Math.abs(ms - atMs) < 1000);
  return [...new Set(pages.filter((page, at) => !isTie(page, at)).map(({ action, target }) => `${action} ${target}`))].toSorted();
}
