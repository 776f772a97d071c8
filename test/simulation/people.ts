import { callerOf } from '../../src/command/access.ts';
import { isOpen, type Run } from '../../src/model/run.ts';
import type { Caller, Commands } from '../../src/port/commands.ts';
import { type Decision, GUEST, type Surface } from './script.ts';
import { type InSlack, inSlack as personInSlack } from './slack/person.ts';
import { approveButtons, placesIn } from './slack/posts.ts';
import type { Site } from './stage.ts';

/** What people do who sit before the chat: they press what they see there, which may be old news. */
export type People = {
  /** Asks any program that lives; undefined where nobody answers in time. */
  ask<T>(by: string, what: (commands: Commands, caller: Caller) => Promise<T>): Promise<T | undefined>;
  press(press: {
    readonly by: string;
    readonly what: 'approve' | 'reject' | 'cancel' | 'supersede' | 'answer';
    readonly back: number;
    readonly typed: boolean;
    readonly on: Surface;
  }): Promise<void>;
  /** Says something else than yes or no about what is proposed; `back`: so many proposals before the newest. */
  decide(decision: { readonly by: string; readonly what: Decision; readonly back: number }): Promise<void>;
  /** Lets go on what somebody holds. */
  releaseAll(by: string): Promise<void>;
  /** Absent where there is no Slack. */
  readonly inSlack: InSlack | undefined;
  /** Does what is asked for now, by what the store says: what the card of a person who looks again would show. */
  doWhatIsAsked(by: string, impatient?: boolean): Promise<void>;
};

const PATIENCE_MS = 15_000;

export function people(site: Site): People {
  const { loop, presses, chance } = site;

  const ask: People['ask'] = (by, what) =>
    new Promise((resolve) => {
      const living = site.living();
      if (living.length === 0) {
        resolve(undefined);
        return;
      }
      const { app, replica } = chance.pick(living);
      const cancel = loop.after(PATIENCE_MS, `${by} gives up`, () => resolve(undefined));
      replica.enter(() => {
        const caller = callerOf(app.settings().config.policy, by, 'console');
        what(app.commands, caller)
          .catch(() => undefined)
          .then((answer) => {
            cancel();
            resolve(answer);
          })
          .catch(() => undefined);
      });
    });

  const approve = async (by: string, id: string, { plan, confirmation }: { readonly plan: string; readonly confirmation?: string }): Promise<void> => {
    const press = { plan, ...(confirmation === undefined ? {} : { confirmation }) };
    presses.push({ by, ...press, atMs: loop.nowMs() });
    await ask(by, (commands, caller) => commands.approve(caller, id, press));
  };
  const { services } = site;
  const targetOf = (id: string): string | undefined => site.runs().find((one) => one.id === id)?.target;
  const inSlack = services === undefined ? undefined : personInSlack({ slack: services.slack, presses, nowMs: loop.nowMs, targetOf });
  /** What may be decided about, as it stands in the chat. */
  const cards = (): readonly { readonly run: string; readonly plan: string }[] =>
    services === undefined
      ? site.world.chat.messages().flatMap(({ approval }) => (approval === undefined ? [] : [approval]))
      : approveButtons(placesIn(services.slack).flatMap(({ id }) => services.slack.messages(id)));
  const openRuns = (): readonly Run[] => site.runs().filter(({ state }) => isOpen(state));

  const answerRun = async (by: string, run: Run): Promise<void> => {
    if (run.waiting?.what === 'ask') await ask(by, (commands, caller) => commands.answer(caller, run.id, { ask: 'question', value: true }));
    if (run.waiting?.what === 'settle-step') {
      const step = run.steps.find(({ phase }) => phase === 'unknown');
      const [change] = step?.planned.changes ?? [];
      if (step === undefined || change === undefined) return;
      const happened = site.timesOf(`${step.planned.stepKey} ${change.verb} ${change.object}`) > 0;
      await ask(by, (commands, caller) => commands.settle(caller, run.id, { step: step.step, as: happened ? 'done' : 'not-done' }));
    }
  };

  return {
    ask,
    inSlack,
    async press({ by, what, back, typed, on }) {
      const isInSlack = inSlack !== undefined && on !== 'console' && (what === 'approve' || what === 'reject');
      if (isInSlack) void inSlack.press(by, what, { back, typed });
      // Whoever is a guest in Slack is one of the team at the console.
      if ((isInSlack && on === 'slack') || by === GUEST) return;
      const run = openRuns().at(-1 - (back % Math.max(1, openRuns().length)));
      if (what === 'approve') {
        const card = cards().at(-1 - back) ?? cards().at(-1);
        if (card === undefined) return;
        const { run: id, plan } = card;
        const target = targetOf(id);
        await approve(by, id, { plan, ...(typed && target !== undefined ? { confirmation: target } : {}) });
      } else if (run !== undefined) {
        const reason = 'because';
        if (what === 'reject') await ask(by, (commands, caller) => commands.reject(caller, run.id, { reason }));
        else if (what === 'cancel') await ask(by, (commands, caller) => commands.cancel(caller, run.id, { reason, keep: back === 2 }));
        else if (what === 'supersede') await ask(by, (commands, caller) => commands.supersede(caller, run.id, { reason }));
        else await answerRun(by, run);
      }
    },
    async decide({ by, what, back }) {
      const proposed = openRuns().filter(({ approval }) => approval !== undefined);
      const run = proposed.at(-1 - (back % Math.max(1, proposed.length)));
      if (run === undefined) return;
      if (what === 'hold') await ask(by, (commands, caller) => commands.hold(caller, run.id, { reason: 'look first' }));
      else await ask(by, (commands, caller) => commands[what](caller, run.id));
    },
    async releaseAll(by) {
      for (const { id, approval } of openRuns()) if (approval?.held !== undefined) await ask(by, (commands, caller) => commands.release(caller, id));
    },
    async doWhatIsAsked(by, impatient = false) {
      if (inSlack !== undefined && chance.yes(0.5)) await inSlack.approveAll(by, impatient);
      for (const run of openRuns()) {
        if (run.state === 'waiting') await answerRun(by, run);
        const hasVoted = !impatient && run.approval?.votes.some((vote) => vote.by === by) === true;
        if (run.state !== 'proposed' || run.plan === undefined || hasVoted) continue;
        await approve(by, run.id, { plan: run.plan.digest, ...(run.plan.risk === 'destructive' ? { confirmation: run.target } : {}) });
      }
    },
  };
}
