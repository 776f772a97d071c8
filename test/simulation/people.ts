import { callerOf } from '../../src/command/access.ts';
import { isOpen, type Run } from '../../src/model/run.ts';
import type { ChatMessage } from '../../src/port/chat.ts';
import type { Caller, Commands } from '../../src/port/commands.ts';
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
  }): Promise<void>;
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
        const caller = callerOf(app.settings().config.policy, by, 'slack');
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
  const cards = (): readonly ChatMessage[] => site.world.chat.messages().filter(({ kind }) => kind === 'approval');
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
    async press({ by, what, back, typed }) {
      const card = cards().at(-1 - back) ?? cards().at(-1);
      const run = openRuns().at(-1 - (back % Math.max(1, openRuns().length)));
      if (what === 'approve') {
        if (card?.approval === undefined) return;
        const { run: id, plan } = card.approval;
        const target = site.runs().find((one) => one.id === id)?.target;
        await approve(by, id, { plan, ...(typed && target !== undefined ? { confirmation: target } : {}) });
      } else if (run !== undefined) {
        const reason = 'because';
        if (what === 'reject') await ask(by, (commands, caller) => commands.reject(caller, run.id, { reason }));
        else if (what === 'cancel') await ask(by, (commands, caller) => commands.cancel(caller, run.id, { reason, keep: back === 2 }));
        else if (what === 'supersede') await ask(by, (commands, caller) => commands.supersede(caller, run.id, { reason }));
        else await answerRun(by, run);
      }
    },
    async doWhatIsAsked(by, impatient = false) {
      for (const run of openRuns()) {
        if (run.state === 'waiting') await answerRun(by, run);
        const hasVoted = !impatient && run.approval?.votes.some((vote) => vote.by === by) === true;
        if (run.state !== 'proposed' || run.plan === undefined || hasVoted) continue;
        await approve(by, run.id, { plan: run.plan.digest, ...(run.plan.risk === 'destructive' ? { confirmation: run.target } : {}) });
      }
    },
  };
}
