import type { Clock } from '../../port/clock.ts';
import { type ReadSlackFault, SlackFault, type SlackFaultInput } from './scenario.ts';

type Active = { readonly fault: ReadSlackFault; readonly untilMs: number; left: number; skip: number };
type Asked = { readonly method: string; readonly channel?: string | undefined };

export type SlackFaults = {
  /** Answers how to take it away again. */
  readonly add: (fault: SlackFaultInput) => () => void;
  readonly clear: () => void;
  /** The fault that this request meets, counted. */
  readonly meet: (asked: Asked) => ReadSlackFault | undefined;
  /** Whether Slack is away as a whole. */
  readonly isDown: () => boolean;
};

/** The switches; `onDown` is called when Slack goes away. */
export function slackFaults(clock: Clock, onDown: () => void): SlackFaults {
  let active: Active[] = [];
  const isLive = ({ left, untilMs }: Active): boolean => left > 0 && clock.monotonicMs() < untilMs;

  const take = (one: Active, asked: Asked): boolean => {
    if (!isLive(one) || !matches(one.fault, asked)) return false;
    if (one.skip > 0) {
      one.skip -= 1;
      return false;
    }
    one.left -= 1;
    return true;
  };

  return {
    add(input) {
      const fault = SlackFault.parse(input);
      const untilMs = fault.lasts === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + fault.lasts;
      const one: Active = { fault, untilMs, left: fault.times ?? Number.POSITIVE_INFINITY, skip: fault.skip ?? 0 };
      active.push(one);
      if (fault.give === 'down') onDown();
      return () => void (active = active.filter((each) => each !== one));
    },
    clear() {
      active = [];
    },
    meet(asked) {
      const one = active.find((each) => take(each, asked));
      active = active.filter(isLive);
      return one?.fault;
    },
    isDown: () => active.some((one) => isLive(one) && one.fault.give === 'down' && one.fault.method === undefined && one.skip === 0),
  };
}

function matches({ method, channel }: ReadSlackFault, asked: Asked): boolean {
  if (channel !== undefined && channel !== asked.channel) return false;
  if (method === undefined) return true;
  return method.endsWith('*') ? asked.method.startsWith(method.slice(0, -1)) : asked.method === method;
}
