import type { JsonObject } from '../../src/model/json.ts';
import { type Chance, chance } from './chance.ts';
import type { Fate } from './weather.ts';

type Labels = { readonly [name: string]: string };
export type Where = 'store' | 'prod' | 'edge' | 'chat' | 'pager';
export type ClusterName = 'prod' | 'edge';

/** One thing that happens to a history. Everything that is not here follows from the seed and from what Salvor does. */
export type Happening = { readonly atMs: number } /** A webhook; each copy is sent on its own, after so many ms, until somebody takes it. */ & (
  | {
      readonly kind: 'webhook';
      readonly alerts: readonly { readonly labels: Labels; readonly status: 'firing' | 'resolved' }[];
      readonly copiesMs: readonly number[];
    }
  | {
      readonly kind: 'start';
      readonly by: string;
      readonly playbook: string;
      readonly params: JsonObject;
      readonly cluster?: ClusterName;
      readonly times: number;
    }
  /** A person who looks now and then, and does what is asked. */
  | {
      readonly kind: 'habit';
      readonly by: string;
      readonly everyMs: number;
      readonly times: number /** Presses again what they have pressed. */;
      readonly impatient: boolean;
    }
  /** A press as people make them: of the newest card or of an old one, with the word to type or without, on several surfaces at once. */
  | {
      readonly kind: 'press';
      readonly by: string;
      readonly what: 'approve' | 'reject' | 'cancel' | 'supersede' | 'answer';
      readonly back: number;
      readonly typed: boolean;
      readonly times: number;
      readonly on: Surface;
    }
  /** Something that there is only in Slack, or only on the telephone of who is on call. */
  | { readonly kind: 'slack'; readonly by: string; readonly what: 'acknowledge' | 'lead' | 'show' | 'again'; readonly back: number }
  | { readonly kind: 'phone'; readonly by: string; readonly what: 'acknowledge' | 'resolve' | 'note' | 'escalate' | 'time-out' }
  /** Somebody keeps a proposal from starting, lets it go on, or takes their own yes back; what they see may be old news. */
  | { readonly kind: 'decide'; readonly by: string; readonly what: Decision; readonly back: number }
  /** Nobody may write anything new for a while. */
  | { readonly kind: 'hands-off'; readonly by: string; readonly forMs: number; readonly cluster?: ClusterName }
  | { readonly kind: 'pause'; readonly by: string; readonly forMs: number; readonly playbook?: string; readonly cluster?: ClusterName }
  | {
      readonly kind: 'world';
      readonly cluster: ClusterName;
      readonly what: 'base' | 'helps' | 'stuck' | 'node-away' | 'node-back' | 'storage-away' | 'storage-back' | 'backup' | 'finding' | 'ready';
    }
  /** Once so many more tasks of that program have run, it dies, or stops for a while. */
  | { readonly kind: 'kill'; readonly of: string; readonly tasks: number; readonly downMs: number }
  | { readonly kind: 'freeze'; readonly of: string; readonly tasks: number; readonly forMs: number }
  | {
      readonly kind: 'front';
      readonly of: string;
      readonly where: Where;
      readonly gives: Exclude<Fate, 'pass'>;
      readonly share: number;
      readonly lasts: number;
    }
  | {
      readonly kind: 'server';
      readonly cluster: ClusterName;
      readonly give: 'conflict' | 'too-many-requests' | 'internal' | 'timeout' | 'lost-reply' | 'reset-after' | 'slow';
      readonly verb: 'read' | 'write';
      readonly times: number;
    }
  | { readonly kind: 'jump'; readonly of: string; readonly byMs: number }
  /** A store of several servers forgets the last so many ms of what it acknowledged, of each partition a part of it, and is away for a while. */
  | { readonly kind: 'failover'; readonly lostMs: number; readonly awayMs: number }
  /** The pager takes events, and makes no incidents of them. */
  | { readonly kind: 'suppressed'; readonly rung: 'primary' | 'secondary'; readonly forMs: number }
  /** Something writes to the cluster in Salvor's name and past it: never drawn, for those who want to see a promise broken. */
  | { readonly kind: 'stranger' }
);

export type Decision = 'hold' | 'release' | 'withdraw';

/** Where people do something; `both`: at the same time. */
export type Surface = 'slack' | 'console' | 'both';

/** How people are reached: by recorders, by Slack and PagerDuty, or by these where every rung of a ladder pages one integration. */
export type PeopleKind = 'recorders' | 'services' | 'one integration';

export type Script = {
  readonly seed: number;
  readonly people: PeopleKind;
  /** Two programs on one store that is a server of its own, or one with its store inside. */
  readonly programs: readonly string[];
  /** How many of the team have to approve what can be taken back. */
  readonly platform: number;
  /** Others may approve, too, once nobody did for a while. */
  readonly widens: boolean;
  /** Grave incidents have a channel of their own, where there is a Slack. */
  readonly channels: boolean;
  /** When the faults stop. */
  readonly lastsMs: number;
  readonly happenings: readonly Happening[];
};

const PEOPLE = ['ana', 'ben', 'cleo', 'dora'];
/** The configuration knows them as one of the team; Slack knows that they are a guest. */
export const GUEST = 'gus';
const THINGS = ['atlas', 'globe', 'clock'];
export const FAULTS: ReadonlySet<Happening['kind']> = new Set(['kill', 'freeze', 'front', 'server', 'jump', 'suppressed', 'failover']);

/** Draws one history: a mixed load, people, changes of the world, and what goes wrong. */
export function drawScript(seed: number): Script {
  const draw = chance(`salvor/${seed}`);
  const programs = draw.yes(0.6) ? ['a', 'b'] : ['a'];
  const people = draw.yes(0.6) ? 'recorders' : draw.yes(0.7) ? 'services' : 'one integration';
  const lastsMs = Math.floor(draw.between(60_000, 240_000));
  const at = (): number => Math.floor(draw.between(0, lastsMs));
  // Drawn apart, so that what a seed was before is still in it.
  const apart = chance(`salvor/${seed}/decisions`);
  const later = (): number => Math.floor(apart.between(0, lastsMs));
  const many = (most: number, make: () => Happening): readonly Happening[] => Array.from({ length: draw.below(most + 1) }, make);
  const happenings = [
    webhook(draw, Math.floor(draw.between(0, 10_000))),
    ...many(5, () => webhook(draw, at())),
    ...many(4, () => start(draw, at())),
    ...PEOPLE.filter(() => draw.yes(0.5)).map((by): Happening => habit(draw, by)),
    ...many(12, () => press(draw, at())),
    ...many(2, () => pause(draw, at())),
    ...many(4, () => world(draw, at())),
    ...many(8, () => fault(draw, at(), programs)),
    ...(programs.length > 1 && draw.yes(0.2) ? [failover(draw, at())] : []),
    ...(people === 'recorders'
      ? []
      : [...many(3, () => inSlack(draw, at())), ...many(3, () => onThePhone(draw, at())), ...many(1, () => suppressed(draw, at()))]),
    ...Array.from({ length: apart.below(7) }, () => decide(apart, later())),
    ...Array.from({ length: apart.below(3) }, () => handsOff(apart, later())),
  ].toSorted((a, b) => a.atMs - b.atMs);
  return {
    seed,
    people,
    programs,
    platform: draw.yes(0.4) ? 2 : 1,
    widens: apart.yes(0.4),
    channels: people !== 'recorders' && apart.yes(0.7),
    lastsMs,
    happenings,
  };
}

function webhook(draw: Chance, atMs: number): Happening {
  const copiesMs = [0, ...(draw.yes(0.3) ? [draw.between(0, 20_000)] : []), ...(draw.yes(0.1) ? [draw.between(0, 20_000)] : [])].map(Math.floor);
  const alerts = Array.from({ length: draw.yes(0.25) ? 2 : 1 }, () => ({
    labels: alertLabels(draw),
    status: draw.yes(0.2) ? ('resolved' as const) : ('firing' as const),
  }));
  return { atMs, kind: 'webhook', alerts, copiesMs };
}

/** Most of it is about the noisy cluster. */
function alertLabels(draw: Chance): Labels {
  const cluster = draw.yes(0.25) ? { cluster: 'edge' } : draw.yes(0.3) ? { cluster: 'prod' } : {};
  const which = draw.next();
  if (which < 0.3) return { alertname: 'ShelfBroken', thing: draw.pick(THINGS), ...cluster };
  if (which < 0.4) return { alertname: 'BridgeDown', thing: draw.pick(THINGS) };
  if (which < 0.57) return { alertname: 'LampDim', thing: draw.pick(['lamp-1', 'lamp-2']), ...cluster };
  if (which < 0.65) return { alertname: 'TooManyOld', ...cluster };
  if (which < 0.8) return { alertname: 'VeleroBackupFailed', schedule: 'daily', namespace: 'velero', severity: 'critical' };
  if (which < 0.92) return { alertname: 'KubeNodeNotReady', node: draw.pick(['w1', 'w2']) };
  return { alertname: 'SomethingElse', severity: draw.pick(['critical', 'warning', 'info']) };
}

function start(draw: Chance, atMs: number): Happening {
  const which = draw.next();
  const by = draw.pick(['ana', 'ben']);
  const times = draw.yes(0.3) ? 2 : 1;
  if (which < 0.2) return { atMs, kind: 'start', by, playbook: 'node-drain', params: { node: draw.pick(['w1', 'w2']) }, times };
  if (which < 0.35) return { atMs, kind: 'start', by, playbook: 'backup-run', params: { schedule: 'daily' }, times };
  if (which < 0.5) return { atMs, kind: 'start', by, playbook: 'flip', params: {}, times };
  // From either side to the other: their locks must not wait for each other for ever.
  if (which < 0.6) return { atMs, kind: 'start', by, playbook: 'bridge', params: { thing: draw.pick(THINGS) }, times };
  if (which < 0.7) return { atMs, kind: 'start', by, playbook: 'bridge', params: { thing: draw.pick(THINGS), there: 'prod' }, cluster: 'edge', times };
  if (which < 0.8) return { atMs, kind: 'start', by, playbook: 'sweep', params: {}, times };
  return { atMs, kind: 'start', by, playbook: 'shelf', params: { thing: draw.pick(THINGS), room: draw.pick(['attic', 'cellar']) }, times };
}

function habit(draw: Chance, by: string): Happening {
  return { atMs: Math.floor(draw.between(500, 5000)), kind: 'habit', by, everyMs: Math.floor(draw.between(2000, 12_000)), times: 20, impatient: draw.yes(0.4) };
}

function press(draw: Chance, atMs: number): Happening {
  const what = draw.pick(['approve', 'approve', 'approve', 'approve', 'reject', 'cancel', 'supersede', 'answer'] as const);
  const by = draw.yes(0.15) ? GUEST : draw.pick(PEOPLE);
  const on = draw.pick(['slack', 'slack', 'console', 'both'] as const);
  return { atMs, kind: 'press', by, what, back: draw.yes(0.4) ? 0 : 1 + draw.below(4), typed: draw.yes(0.8), times: draw.yes(0.4) ? 2 : 1, on };
}

function inSlack(draw: Chance, atMs: number): Happening {
  const what = draw.pick(['acknowledge', 'lead', 'show', 'again', 'again'] as const);
  return { atMs, kind: 'slack', by: draw.yes(0.15) ? GUEST : draw.pick(PEOPLE), what, back: draw.below(3) };
}

function onThePhone(draw: Chance, atMs: number): Happening {
  const what = draw.pick(['acknowledge', 'acknowledge', 'resolve', 'note', 'escalate', 'time-out'] as const);
  return { atMs, kind: 'phone', by: draw.pick(['ana', 'ben', 'cleo']), what };
}

function failover(draw: Chance, atMs: number): Happening {
  return { atMs, kind: 'failover', lostMs: Math.floor(draw.between(20, draw.yes(0.5) ? 300 : 3000)), awayMs: Math.floor(draw.between(500, 8000)) };
}

function suppressed(draw: Chance, atMs: number): Happening {
  return { atMs, kind: 'suppressed', rung: draw.pick(['primary', 'secondary'] as const), forMs: Math.floor(draw.between(5000, 120_000)) };
}

function pause(draw: Chance, atMs: number): Happening {
  const forMs = Math.floor(draw.between(1000, 30_000));
  const cluster = draw.yes(0.3) ? { cluster: draw.pick(['prod', 'edge'] as const) } : {};
  return { atMs, kind: 'pause', by: 'ana', forMs, ...cluster, ...(draw.yes(0.3) ? { playbook: draw.pick(['shelf', 'lamp', 'bridge']) } : {}) };
}

function decide(draw: Chance, atMs: number): Happening {
  const what = draw.pick(['hold', 'hold', 'release', 'withdraw', 'withdraw'] as const);
  return { atMs, kind: 'decide', by: draw.pick(PEOPLE), what, back: draw.below(3) };
}

function handsOff(draw: Chance, atMs: number): Happening {
  const cluster = draw.yes(0.5) ? { cluster: draw.pick(['prod', 'edge'] as const) } : {};
  return { atMs, kind: 'hands-off', by: draw.pick(['ana', 'ben']), forMs: Math.floor(draw.between(2000, 40_000)), ...cluster };
}

function world(draw: Chance, atMs: number): Happening {
  const what = draw.pick([
    'base',
    'base',
    'helps',
    'stuck',
    'node-away',
    'node-back',
    'storage-away',
    'storage-back',
    'backup',
    'finding',
    'ready',
    'ready',
  ] as const);
  const ofBoth = ['base', 'helps', 'stuck', 'finding', 'ready'].includes(what);
  return { atMs, kind: 'world', cluster: ofBoth && draw.yes(0.35) ? 'edge' : 'prod', what };
}

function fault(draw: Chance, atMs: number, programs: readonly string[]): Happening {
  const of = draw.pick(programs);
  const which = draw.next();
  if (which < 0.25) return { atMs, kind: 'kill', of, tasks: draw.below(120), downMs: Math.floor(draw.between(200, 15_000)) };
  if (which < 0.37) return { atMs, kind: 'freeze', of, tasks: draw.below(120), forMs: Math.floor(draw.between(500, draw.yes(0.3) ? 60_000 : 20_000)) };
  if (which < 0.47)
    return { atMs, kind: 'jump', of: draw.pick([...programs, 'store']), byMs: Math.floor(draw.pick([-3_600_000, -60_000, -5000, 5000, 60_000, 3_600_000])) };
  if (which < 0.62) {
    const give = draw.pick(['conflict', 'too-many-requests', 'internal', 'timeout', 'lost-reply', 'reset-after', 'slow'] as const);
    const cluster = draw.yes(0.25) ? 'edge' : 'prod';
    return { atMs, kind: 'server', cluster, give, verb: draw.pick(['read', 'write'] as const), times: 1 + draw.below(4) };
  }
  const where = draw.pick(['store', 'store', 'prod', 'prod', 'edge', 'chat', 'chat', 'pager'] as const);
  const gives = draw.pick(['refused', 'lost', 'late'] as const);
  return { atMs, kind: 'front', of, where, gives, share: draw.yes(0.3) ? 1 : draw.between(0.05, 0.5), lasts: Math.floor(draw.between(1000, 40_000)) };
}
