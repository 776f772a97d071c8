import { plain } from '../domain/plain.ts';
import { errorCode, errorText } from '../model/error.ts';
import type { Policy, Right } from '../model/policy.ts';
import type { Clock } from '../port/clock.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Log } from '../port/log.ts';
import type { SlackClient } from './client.ts';
import { isHome, isOwnPlace, type Place } from './home.ts';
import { ownChannels } from './own-channel.ts';
import { type SlackUser, whoIs } from './person.ts';
import { memberRefusal, nobodyText, refusalText, rightWords, type Tried } from './reply/refusal.ts';
import type { Said } from './reply/said.ts';
import { askSelf, type Self } from './self.ts';
import { type Addressee, tellPerson } from './tell.ts';
import { code, mrkdwn } from './text.ts';

/** What a press or a line was about, as far as it is known: the whole id of a run or an incident, without its kind. */
export type Subject = { readonly run: string } | { readonly incident: string } | undefined;

export type DeskDeps = {
  readonly commands: Commands;
  /** The caller that a person is in Slack; undefined: what everybody may do. */
  readonly callerOf: (person: string | undefined) => Caller;
  readonly policy: () => Policy;
  /** A client of its own: what the outbox is told to wait for holds no press up. */
  readonly client: SlackClient;
  /** `slack.channel` and `slack.apiUrl` as they are now. */
  readonly channel: () => string;
  readonly apiUrl: () => string | undefined;
  /** Address of the console, without a slash at its end, where it has one. */
  readonly site?: () => string | undefined;
  /** Puts a line on the timeline of what a refused press was about; durable when it resolves. Nothing happens where that is not there. */
  readonly record: (of: NonNullable<Subject>, line: { readonly by: string; readonly text: string; readonly key: string }) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Somebody at the desk: who they are here, or what they are told instead. */
export type Visitor = { readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly text: string };

export type Visit = {
  readonly user: SlackUser;
  readonly place: Place;
  /** A form was opened by a press in the right place. */
  readonly inForm?: true;
  readonly tried: Tried;
  /** Needs no person, and answers in any conversation. */
  readonly reads: boolean;
  /** Who could do it, in words; asked only where somebody is refused. */
  readonly who: () => Promise<string>;
  readonly about: Subject;
};

/** What every press, form and line goes through, whatever it wants: who are you, is this the place, and what is said to those who are refused. */
export type Desk = DeskDeps & {
  readonly admit: (visit: Visit) => Promise<Visitor>;
  /** The words of a refusal by Commands, which is audited where it is about who decides. */
  readonly refuse: (error: unknown, visit: Visit) => Promise<string>;
  /** Who we are in Slack. */
  readonly self: () => Promise<Self>;
  /** Is this the channel of the configuration? */
  readonly isHome: (place: Place) => Promise<boolean>;
  /** Throws where people of another organization see what is said there (`is_ext_shared`), and where Slack does not say so. */
  readonly assertAlone: (channel: string) => Promise<void>;
  readonly tell: (to: Addressee, what: string | Said) => Promise<void>;
};

/** Somebody who presses again and again fills the log, not the timeline. */
const NOTED_MS = 600_000;
const MOST_NOTED = 1000;

const AUDITED = new Set(['approval.not-allowed', 'request.forbidden']);

export function openDesk(deps: DeskDeps): Desk {
  const { client, policy, clock, log, record } = deps;
  const self = askSelf(client);
  const known = whoIs({ client, clock, self, people: () => policy().people });
  const home = isHome(deps);
  const own = isOwnPlace(deps);
  const shared = ownChannels(deps);

  const noted = new Map<string, number>();

  /** A log line, and once in ten minutes a line on the timeline where what it was about is known. The timeline is no reason to answer late. */
  function audit({ user, tried, about }: Visit, { code: reason, why, by }: { readonly code: string; readonly why: string; readonly by: string }): void {
    log.warn('slack.refused', { user: user.id, team: user.teamId, reason, tried: tried.not, ...about });
    const key = `${user.id} ${tried.not} ${reason} ${JSON.stringify(about ?? null)}`;
    const nowMs = clock.monotonicMs();
    if (about === undefined || nowMs - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < NOTED_MS) return;
    if (noted.size >= MOST_NOTED) noted.clear();
    noted.set(key, nowMs);
    const text = `was refused in Slack (${tried.not.toLowerCase()}): ${plain(why, 300)}`;
    record(about, { by, text, key }).catch((error: unknown) => log.warn('slack.not-audited', { reason: errorText(error) }));
  }

  return {
    ...deps,
    self,
    isHome: home,
    assertAlone: (channel) => shared.assertOurs(channel, 'approval'),
    tell: tellPerson({ client, apiUrl: deps.apiUrl, log }),

    async admit(visit) {
      const { user, place, tried, reads, who, about } = visit;
      const member = await known(user);
      const by = `Slack user ${plain(user.id, 40)}`;
      if (!member.ok) {
        audit(visit, { code: member.code, why: member.why, by });
        return { ok: false, text: memberRefusal(tried, member, await who()) };
      }
      if (!reads && member.person === undefined) {
        audit(visit, { code: 'unknown', why: 'the configuration does not know them', by });
        return { ok: false, text: nobodyText(tried.not, user.id, await who()) };
      }
      const caller = deps.callerOf(member.person);
      if (!reads && visit.inForm !== true && !(await home(place)) && !(await own({ place, about, caller }))) {
        log.warn('slack.elsewhere', { user: user.id, channel: place.id });
        const where = mrkdwn(deps.channel(), 80);
        return {
          ok: false,
          text: `${tried.not}: this is done in ${where}, where everybody sees it, and this is another conversation\nDo it there. Looking works everywhere: ${code('/dr status', 20)}.`,
        };
      }
      return { ok: true, caller };
    },

    async refuse(error, visit) {
      const failure = errorCode(error);
      if (failure === 'internal') log.error('slack.failed', { user: visit.user.id, tried: visit.tried.not, reason: errorText(error) });
      const person = policy().people.find(({ slack }) => slack === visit.user.id)?.name;
      if (AUDITED.has(failure)) audit(visit, { code: failure, why: errorText(error), by: person ?? `Slack user ${plain(visit.user.id, 40)}` });
      else log.info('slack.declined', { user: visit.user.id, tried: visit.tried.not, reason: failure });
      return refusalText(error, visit.tried, AUDITED.has(failure) ? await visit.who() : undefined);
    },
  };
}

/** Who may do what needs a right. */
export function whoHas(desk: Pick<DeskDeps, 'policy'>, right: Right): () => Promise<string> {
  return () => Promise.resolve(rightWords(desk.policy(), right));
}

/** Who may keep the plan of a run from starting: whoever decides about it, and whoever may run playbooks. */
export function whoHolds(desk: Pick<DeskDeps, 'commands' | 'callerOf' | 'policy'>, run: string): () => Promise<string> {
  return async () => `${await whoDecides(desk, run)()} Whoever has the right ${code('run', 20)} can hold and release, too. ${rightWords(desk.policy(), 'run')}`;
}

/** Who decides about a run, in the words of its proposal. */
export function whoDecides({ commands, callerOf }: Pick<DeskDeps, 'commands' | 'callerOf'>, run: string): () => Promise<string> {
  return async () => {
    try {
      const { approval } = await commands.run(callerOf(undefined), run);
      if (approval === undefined) return 'Nothing waits for a decision there now.';
      const who = approval.may.length === 0 ? '' : ` Who can: ${mrkdwn(approval.may.slice(0, 12).join(', '), 300)}.`;
      return `This plan ${mrkdwn(approval.asks, 300)}.${who}`;
    } catch {
      // Not everybody may look, or the store is away; who can is no secret of this line then.
      return 'Who can is on the card.';
    }
  };
}
