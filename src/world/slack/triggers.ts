import type { Clock } from '../../port/clock.ts';

/** How long a trigger may open a view, and an acknowledgement may take. */
export const PATIENCE_MS = 3000;

type Trigger = { readonly user: string; readonly untilMs: number; isUsed: boolean };

export type Triggers = {
  /** A trigger of something that this user just did. */
  make(user: string): string;
  /** Uses it up. Answers who triggered, or Slack's error. */
  use(id: string): { readonly user: string } | { readonly error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' };
};

export function triggers(clock: Clock, secret: () => string): Triggers {
  const made = new Map<string, Trigger>();
  return {
    make(user) {
      const id = `${made.size + 1}.${Math.floor(clock.nowMs())}.${secret()}`;
      made.set(id, { user, untilMs: clock.monotonicMs() + PATIENCE_MS, isUsed: false });
      return id;
    },
    use(id) {
      const trigger = made.get(id);
      if (trigger === undefined) return { error: 'invalid_trigger_id' };
      if (trigger.isUsed) return { error: 'exchanged_trigger_id' };
      if (clock.monotonicMs() > trigger.untilMs) return { error: 'expired_trigger_id' };
      trigger.isUsed = true;
      return { user: trigger.user };
    },
  };
}
