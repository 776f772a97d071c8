import type { HomeView } from '@slack/types';
import { z } from 'zod';
import { digest } from '../../model/digest.ts';
import { errorText } from '../../model/error.ts';
import type { Json } from '../../model/json.ts';
import { sleep } from '../../port/clock.ts';
import { type Desk, whoHas } from '../desk.ts';
import { slackErrorOf } from '../errors.ts';
import { overviewOf } from '../overview.ts';
import { boardView, closedBoard } from './view.ts';

/** Who looks at the App Home sees it as it is: at once when it is opened, and again every 30 s while somebody may be looking and something changed. */

const EVERY_MS = 30_000;
/** Slack says when somebody opens it, and never that they left. */
const LOOKS_MS = 600_000;
const MOST_VIEWERS = 500;

const Opened = z.looseObject({
  team_id: z.string().default(''),
  event: z.looseObject({ user: z.string(), tab: z.string(), view: z.looseObject({ hash: z.string() }).nullish() }),
});
const Pressed = z.looseObject({ user: z.looseObject({ id: z.string() }), view: z.looseObject({ type: z.literal('home') }) });
const Published = z.looseObject({ view: z.looseObject({ hash: z.string().optional() }) });

type Viewer = { readonly teamId: string; openedMs: number; shown?: { readonly digest: string; readonly hash: string | undefined } };

export type BoardKeeper = {
  /** Somebody opened it. */
  readonly opened: (body: unknown) => Promise<void>;
  /** Something was pressed in it: what it says of that is old. */
  readonly pressed: (body: unknown) => Promise<void>;
  /** Shows those who look what changed, until the signal. */
  readonly keep: (signal: AbortSignal) => Promise<void>;
};

export function keepBoards(desk: Desk): BoardKeeper {
  const { client, clock, log } = desk;
  const viewers = new Map<string, Viewer>();

  const publish = async (user: string, viewer: Viewer): Promise<void> => {
    try {
      const view = await viewFor(desk, user, viewer.teamId);
      const now = digest(jsonOf(view));
      if (viewer.shown?.digest === now) return;
      const hash = viewer.shown?.hash;
      const { view: published } = await client.call('views.publish', { user_id: user, view, ...(hash === undefined ? {} : { hash }) }, Published);
      viewer.shown = { digest: now, hash: published.hash };
    } catch (error) {
      // Another replica showed something newer: the next time it is shown again.
      if (slackErrorOf(error) === 'hash_conflict') delete viewer.shown;
      else log.warn('slack.board-not-shown', { user, reason: errorText(error) });
    }
  };

  return {
    async opened(body) {
      const read = Opened.safeParse(body).data;
      if (read === undefined || read.event.tab !== 'home') return;
      const { user, view } = read.event;
      const before = viewers.get(user);
      if (before === undefined && viewers.size >= MOST_VIEWERS) viewers.clear();
      const viewer: Viewer = before ?? { teamId: read.team_id, openedMs: clock.monotonicMs() };
      viewer.openedMs = clock.monotonicMs();
      // What stands there is not what we know of: it is shown again, whatever it says.
      if (view?.hash !== viewer.shown?.hash) viewer.shown = { digest: '', hash: view?.hash };
      viewers.set(user, viewer);
      await publish(user, viewer);
    },
    async pressed(body) {
      const read = Pressed.safeParse(body).data;
      const viewer = read === undefined ? undefined : viewers.get(read.user.id);
      if (read !== undefined && viewer !== undefined) await publish(read.user.id, viewer);
    },
    async keep(signal) {
      while (!signal.aborted) {
        await sleep(clock, EVERY_MS, signal);
        if (signal.aborted) return;
        for (const [user, viewer] of viewers) {
          if (clock.monotonicMs() - viewer.openedMs > LOOKS_MS) viewers.delete(user);
          else await publish(user, viewer);
        }
      }
    },
  };
}

async function viewFor(desk: Desk, user: string, teamId: string): Promise<HomeView> {
  const visit = {
    user: { id: user, teamId },
    place: { id: '', name: '' },
    inForm: true,
    reads: true,
    about: undefined,
    who: whoHas(desk, 'read'),
    tried: { not: 'Not shown' },
  } as const;
  try {
    const visitor = await desk.admit(visit);
    if (!visitor.ok) return closedBoard(visitor.text);
    const { caller } = visitor;
    const [overview, posture] = await Promise.all([overviewOf({ caller, commands: desk.commands }), desk.commands.posture(caller)]);
    const teams = desk.policy().people.find(({ name }) => name === caller.person)?.teams ?? [];
    const board = { overview, posture, person: caller.person, slackId: user, rights: caller.rights, teams, site: desk.site?.() };
    return boardView(board, desk.clock.nowMs());
  } catch (error) {
    return closedBoard(await desk.refuse(error, visit));
  }
}

function jsonOf(view: HomeView): Json {
  const copied: Json = JSON.parse(JSON.stringify(view));
  return copied;
}
