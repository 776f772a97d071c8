import { defined } from '../model/defined.ts';
import { parseDuration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import { parseUntil, UNTIL_WORDS } from '../model/until.ts';
import type { Caller, Commands } from '../port/commands.ts';
import { SeverityName } from '../port/view/incident.ts';
import { overviewOf, overviewText } from './overview.ts';
import { freezesText, incidentLine, incidentText, locksText, pausesText, stoppedTexts, toldText } from './reply/incident.ts';
import { onCallText } from './reply/on-call.ts';
import { pressedText, runLine, runText } from './reply/run.ts';
import { code, codeBlock } from './text.ts';

/** What a verb of `/dr` does, by its name: asks Commands, and says in words what came of it. Nothing is decided here. */

export type Deed = {
  /** Reads answer anywhere; what starts or changes something only in the configured channel. */
  readonly reads: boolean;
  /** The first words of a refusal. */
  readonly not: string;
  readonly act: (given: ReadonlyMap<string, string>, context: DeedContext) => Promise<string>;
};

export type DeedContext = {
  readonly caller: Caller;
  readonly commands: Commands;
  readonly nowMs: number;
  /** The same for a repeat of the same line. */
  readonly key: string;
};

const MOST_SHOWN = 10;
const MOST_REPORT = 3300;

export const DEEDS: { readonly [verb: string]: Deed } = {
  approve: {
    reads: false,
    not: 'Not approved',
    async act(given, { caller, commands }) {
      const confirmation = given.get('confirm');
      const breakGlass = given.get('break-glass');
      const press = { plan: one(given, 'plan'), ...defined({ confirmation, breakGlass }) };
      const pressed = await commands.approve(caller, one(given, 'run'), press);
      return pressedText(pressed, pressed.state === 'proposed' ? 'Your approval is recorded' : 'Approved');
    },
  },
  withdraw: {
    reads: false,
    not: 'Not taken back',
    act: async (given, { caller, commands }) => pressedText(await commands.withdraw(caller, one(given, 'run')), 'Taken back'),
  },
  hold: {
    reads: false,
    not: 'Not held',
    act: async (given, { caller, commands }) => pressedText(await commands.hold(caller, one(given, 'run'), { reason: one(given, 'reason') }), 'Held'),
  },
  release: {
    reads: false,
    not: 'Not released',
    act: async (given, { caller, commands }) => pressedText(await commands.release(caller, one(given, 'run')), 'Released'),
  },
  reject: {
    reads: false,
    not: 'Not rejected',
    act: async (given, { caller, commands }) => pressedText(await commands.reject(caller, one(given, 'run'), { reason: one(given, 'reason') }), 'Rejected'),
  },
  cancel: {
    reads: false,
    not: 'Not cancelled',
    async act(given, { caller, commands }) {
      const reason = given.get('reason');
      const press = { keep: given.has('keep'), ...(reason === undefined ? {} : { reason }) };
      return pressedText(await commands.cancel(caller, one(given, 'run'), press), 'Cancelled');
    },
  },
  answer: {
    reads: false,
    not: 'Not answered',
    async act(given, { caller, commands }) {
      const confirmation = given.get('confirm');
      const press = { ask: one(given, 'ask'), value: one(given, 'value'), ...(confirmation === undefined ? {} : { confirmation }) };
      return pressedText(await commands.answer(caller, one(given, 'run'), press), 'Answered');
    },
  },
  settle: {
    reads: false,
    not: 'Not settled',
    act: async (given, { caller, commands }) =>
      pressedText(
        await commands.settle(caller, one(given, 'run'), { step: one(given, 'step'), as: one(given, 'as') === 'done' ? 'done' : 'not-done' }),
        'Settled',
      ),
  },
  supersede: {
    reads: false,
    not: 'Not superseded',
    act: async (given, { caller, commands }) =>
      pressedText(await commands.supersede(caller, one(given, 'run'), { reason: one(given, 'reason') }), 'Superseded'),
  },
  pause: {
    reads: false,
    not: 'Not paused',
    async act(given, { caller, commands, nowMs }) {
      const until = given.get('for');
      const forMs = until === undefined ? undefined : parseDuration(until);
      if (until !== undefined && forMs === undefined) throw new SalvorError('request.invalid', `"${until.slice(0, 40)}" is no duration; such as 30m or 2h`);
      const list = await commands.pause(caller, { ...scopeOf(given), reason: one(given, 'reason'), ...(forMs === undefined ? {} : { forMs }) });
      return pausesText('*Paused*: nothing is written while one of these is in force', list, nowMs);
    },
  },
  resume: {
    reads: false,
    not: 'Not resumed',
    async act(given, { caller, commands, nowMs }) {
      const list = await commands.resume(caller, scopeOf(given));
      return list.items.length === 0 ? 'Resumed: nothing is paused any more' : pausesText('Resumed; these pauses stay:', list, nowMs);
    },
  },
  freeze: {
    reads: false,
    not: 'Not frozen',
    async act(given, { caller, commands, nowMs }) {
      const until = one(given, 'until');
      const untilMs = parseUntil(until, nowMs);
      if (untilMs === undefined) throw new SalvorError('request.invalid', `"${until.slice(0, 40)}" is no time; ${UNTIL_WORDS}`);
      const cluster = given.get('cluster');
      const list = await commands.freeze(caller, { name: one(given, 'name'), reason: one(given, 'reason'), untilMs, ...defined({ cluster }) });
      return freezesText(list, nowMs);
    },
  },
  unfreeze: {
    reads: false,
    not: 'Not ended',
    async act(given, { caller, commands, nowMs }) {
      const [name, cluster] = [one(given, 'name'), given.get('cluster')];
      const list = await commands.unfreeze(caller, { name, ...defined({ cluster }) });
      return [`The freeze ${code(name, 100)} is over`, ...stoppedTexts(list, nowMs)].join('\n');
    },
  },
  pauses: {
    reads: true,
    not: 'Not shown',
    async act(_given, { caller, commands, nowMs }) {
      const texts = stoppedTexts(await commands.pauses(caller), nowMs);
      return texts.length === 0 ? 'Nothing is paused or frozen.' : texts.join('\n');
    },
  },
  note: {
    reads: false,
    not: 'Not noted',
    act: async (given, { caller, commands, key }) =>
      toldText(await commands.note(caller, one(given, 'incident'), { text: one(given, 'text'), idempotencyKey: key })),
  },
  severity: {
    reads: false,
    not: 'Not changed',
    async act(given, { caller, commands }) {
      const severity = SeverityName.parse(one(given, 'severity'));
      return toldText(await commands.severity(caller, one(given, 'incident'), { severity }));
    },
  },
  page: {
    reads: false,
    not: 'Not called',
    async act(given, { caller, commands }) {
      const ladder = given.get('ladder');
      return toldText(await commands.page(caller, one(given, 'incident'), { reason: one(given, 'reason'), ...(ladder === undefined ? {} : { ladder }) }));
    },
  },
  acknowledge: {
    reads: false,
    not: 'Not acknowledged',
    act: async (given, { caller, commands }) => toldText(await commands.acknowledge(caller, one(given, 'incident'))),
  },
  lead: {
    reads: false,
    not: 'Not changed',
    act: async (given, { caller, commands }) => toldText(await commands.lead(caller, one(given, 'incident'), { lead: one(given, 'person').replace(/^@/, '') })),
  },
  role: {
    reads: false,
    not: 'Not changed',
    async act(given, { caller, commands }) {
      const role = one(given, 'role') === 'communications' ? 'communications' : 'lead';
      return toldText(await commands.role(caller, one(given, 'incident'), { role, person: one(given, 'person').replace(/^@/, '') }));
    },
  },
  update: {
    reads: false,
    not: 'Not told',
    act: async (given, { caller, commands, key }) =>
      toldText(await commands.update(caller, one(given, 'incident'), { text: one(given, 'text'), idempotencyKey: key })),
  },
  report: {
    reads: true,
    not: 'Not shown',
    async act(given, { caller, commands }) {
      const incident = one(given, 'incident');
      const lines = (await commands.report(caller, incident, 'md')).split('\n').filter((line) => line !== '');
      const whole = code(`salvor report ${incident}`, 100);
      return `${codeBlock(lines, MOST_REPORT)}\nThe whole: ${whole}, or the console`;
    },
  },
  close: {
    reads: false,
    not: 'Not closed',
    act: async (given, { caller, commands }) => toldText(await commands.closeIncident(caller, one(given, 'incident'), { reason: one(given, 'reason') })),
  },
  incidents: {
    reads: true,
    not: 'Not shown',
    async act(given, { caller, commands, nowMs }) {
      const cluster = given.get('cluster');
      const state = given.get('state')?.split(',');
      const { items, next } = await commands.incidents(caller, {
        limit: MOST_SHOWN,
        ...(cluster === undefined ? {} : { cluster }),
        ...(state === undefined ? {} : { state }),
      });
      if (items.length === 0) return 'There is no such incident.';
      return [
        `*Incidents*, newest first${next === undefined ? '' : `, the first ${items.length}`}`,
        ...items.map((incident) => incidentLine(incident, nowMs)),
      ].join('\n');
    },
  },
  incident: {
    reads: true,
    not: 'Not shown',
    act: async (given, { caller, commands, nowMs }) => incidentText(await commands.incident(caller, one(given, 'incident')), nowMs),
  },
  runs: {
    reads: true,
    not: 'Not shown',
    async act(given, { caller, commands, nowMs }) {
      const [state, target, playbook, cluster, incident] = ['state', 'target', 'playbook', 'cluster', 'incident'].map((name) => given.get(name));
      const { items, next } = await commands.runs(caller, {
        limit: MOST_SHOWN,
        ...(state === undefined ? {} : { state: state.split(',') }),
        ...(target === undefined ? {} : { target }),
        ...(playbook === undefined ? {} : { playbook }),
        ...(cluster === undefined ? {} : { cluster }),
        ...(incident === undefined ? {} : { incident }),
        ...(given.has('open') ? { open: true } : {}),
      });
      if (items.length === 0) return 'There is no such run.';
      return [`*Runs*, newest first${next === undefined ? '' : `, the first ${items.length}`}`, ...items.map((run) => runLine(run, nowMs))].join('\n');
    },
  },
  show: {
    reads: true,
    not: 'Not shown',
    act: async (given, { caller, commands, nowMs }) => runText(await commands.run(caller, one(given, 'run')), nowMs),
  },
  oncall: {
    reads: true,
    not: 'Not shown',
    act: async (given, { caller, commands, nowMs }) => onCallText(await commands.onCall(caller, defined({ team: given.get('team') })), nowMs),
  },
  locks: { reads: true, not: 'Not shown', act: async (_given, { caller, commands, nowMs }) => locksText(await commands.locks(caller), nowMs) },
  status: {
    reads: true,
    not: 'Not shown',
    async act(given, context) {
      const id = given.get('id');
      return id === undefined ? overviewText(await overviewOf(context), context.nowMs) : oneOf(id, context);
    },
  },
};

/** The run with this id, else the incident. */
async function oneOf(id: string, { caller, commands, nowMs }: DeedContext): Promise<string> {
  try {
    return runText(await commands.run(caller, id), nowMs);
  } catch (error) {
    if (!(error instanceof SalvorError) || error.code !== 'request.not-found') throw error;
    try {
      return incidentText(await commands.incident(caller, id), nowMs);
    } catch (other) {
      if (!(other instanceof SalvorError) || other.code !== 'request.not-found') throw other;
      throw new SalvorError('request.not-found', `There is neither a run nor an incident "${id.slice(0, 60)}"`);
    }
  }
}

/** A part that was filled: the line's grammar has seen to it. */
function one(given: ReadonlyMap<string, string>, part: string): string {
  const value = given.get(part);
  if (value === undefined) throw new SalvorError('request.invalid', `${part} is missing`);
  return value;
}

function scopeOf(given: ReadonlyMap<string, string>): { readonly cluster?: string; readonly playbook?: string } {
  const [cluster, playbook] = [given.get('cluster'), given.get('playbook')];
  return { ...(cluster === undefined ? {} : { cluster }), ...(playbook === undefined ? {} : { playbook }) };
}
