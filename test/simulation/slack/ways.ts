import type { JsonObject } from '../../../src/model/json.ts';
import { takeLine } from '../../../src/slack/command.ts';
import type { Desk } from '../../../src/slack/desk.ts';
import { takePress } from '../../../src/slack/press.ts';
import { takeForm } from '../../../src/slack/submit.ts';
import type { Letter, Outcome, Way } from '../../../src/world/slack/deliver/outcome.ts';
import type { Chance } from '../chance.ts';
import type { EventLoop } from '../loop.ts';
import type { Replica } from '../replica.ts';
import type { Weather } from '../weather.ts';

/** A program that listens to Slack. */
export type Listener = { readonly replica: Replica; readonly desk: Desk; readonly weather: Weather };

type WaysOptions = {
  readonly loop: EventLoop;
  readonly chance: Chance;
  readonly listeners: () => readonly Listener[];
  readonly met: (of: string, fault: string) => void;
};

/** Slack tells people that nobody answered. */
const PATIENCE_MS = 3000;
const SLOWEST_MS = 150;
/** So long a press may be on its way where others overtake it. */
const OVERTAKEN_MS = 2500;

/**
 * What people do in Slack on its way to any of the programs: to one that is connected, later than the next one, twice and to two of them, or to nobody;
 * and the acknowledgement back, which may be lost.
 */
export function ways({ loop, chance, listeners, met }: WaysOptions): Way {
  return {
    send: (letter) =>
      new Promise<Outcome>((resolve) => {
        const sinceMs = loop.nowMs();
        const afterMs = (): number => Math.floor(loop.nowMs() - sinceMs);
        let settled = false;
        const settle = (outcome: Outcome): void => {
          if (settled) return;
          settled = true;
          cancel();
          resolve(outcome);
        };
        const cancel = loop.after(PATIENCE_MS, 'a press is not acknowledged', () =>
          settle({ acknowledged: false, afterMs: PATIENCE_MS, why: 'no answer within 3 s' }),
        );
        const connected = listeners().filter(({ weather }) => !weather.isCut());
        if (connected.length === 0) return settle({ acknowledged: false, afterMs: 0, why: 'nobody listens' });
        const copies = chance.yes(0.15) ? 2 : 1;
        if (copies > 1) met('', 'press twice');
        for (let copy = 0; copy < copies; copy += 1) deliver({ letter, to: chance.pick(connected), afterMs, settle });
      }),
  };

  type Delivery = { readonly letter: Letter; readonly to: Listener; readonly afterMs: () => number; readonly settle: (outcome: Outcome) => void };

  function deliver({ letter, to, afterMs, settle }: Delivery): void {
    const { replica, desk, weather } = to;
    const fate = weather.fate();
    const isLate = fate === 'late' || chance.yes(0.15);
    if (fate === 'refused') {
      loop.after(SLOWEST_MS, 'a connection of Slack breaks', () => settle({ acknowledged: false, afterMs: afterMs(), why: 'connection lost' }));
      return;
    }
    const ack = (answer?: unknown): Promise<void> => {
      if (fate !== 'lost' && replica.isAlive())
        loop.after(chance.next() * SLOWEST_MS, `${replica.name} a press is acknowledged`, () =>
          settle({ acknowledged: true, afterMs: afterMs(), answer: answer === undefined ? undefined : JSON.parse(JSON.stringify(answer)) }),
        );
      return Promise.resolve();
    };
    loop.after(chance.next() * (isLate ? OVERTAKEN_MS : SLOWEST_MS), `${replica.name} a press comes`, () =>
      replica.enter(() => void take(desk, letter, ack).catch(() => undefined)),
    );
  }
}

/** As Bolt tells them apart. */
async function take(desk: Desk, { payload }: Letter, ack: (answer?: unknown) => Promise<void>): Promise<void> {
  const body: JsonObject = JSON.parse(JSON.stringify(payload));
  if (body['type'] === 'block_actions') return takePress(desk, { body, ack: () => ack() });
  if (body['type'] === 'view_submission') return takeForm(desk, { body, ack });
  if (body['command'] !== undefined) return takeLine(desk, { body, ack });
}
