import { z } from 'zod';
import { callerOf } from '../../src/command/access.ts';
import { isObject, type JsonObject } from '../../src/model/json.ts';
import { silentLog } from '../../src/port/log.ts';
import { takeAction } from '../../src/slack/action.ts';
import { type BoardKeeper, keepBoards } from '../../src/slack/board/board.ts';
import type { SlackClient } from '../../src/slack/client.ts';
import { takeLine } from '../../src/slack/command.ts';
import { type Desk, openDesk } from '../../src/slack/desk.ts';
import { slackFault } from '../../src/slack/errors.ts';
import { takeMention, takeReaction } from '../../src/slack/events.ts';
import { takeSuggestion } from '../../src/slack/form/choices.ts';
import { START } from '../../src/slack/form/start-form.ts';
import { takeStart } from '../../src/slack/form/start-submit.ts';
import { NOTE } from '../../src/slack/manifest.ts';
import { takeNoteForm, takeShortcut } from '../../src/slack/note/shortcut.ts';
import { EVENT_TYPE } from '../../src/slack/posted.ts';
import { takeForm } from '../../src/slack/submit.ts';
import { seededIds } from '../../src/world/ids.ts';
import type { Letter, Outcome, Way } from '../../src/world/slack/deliver/outcome.ts';
import type { Person } from '../../src/world/slack/person/person.ts';
import { type SimulatedSlack, simulatedSlack } from '../../src/world/slack/slack.ts';
import { PATIENCE_MS } from '../../src/world/slack/triggers.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';

/**
 * A scene whose people sit before Slack: what they type, press and choose gets straight to the desk, and back to them, by the clock of the story. Bolt and
 * HTTP alone are left out: `test/contract/slack/in` has them.
 */
export type SlackScene = Omit<Scene, 'card'> & {
  readonly slack: SimulatedSlack;
  readonly desk: Desk;
  /** What somebody does in Slack, until Slack has answered them. */
  readonly does: <T>(who: string, what: (person: Person) => Promise<T>) => Promise<T>;
  /** The card of the newest incident, as it stands in Slack: its thread hangs on it. */
  readonly card: () => Promise<{ readonly ts: string; readonly incident: string }>;
  /** What only this person was told, newest last. */
  readonly told: (who: string) => readonly string[];
};

const PEOPLE = `
people:
  - { name: ana, slack: U0ANA, teams: [platform] }
  - { name: ben, slack: U0BEN, teams: [platform] }
  - { name: cleo, slack: U0CLEO, teams: [incident-command] }
  - { name: dan, slack: U0DAN, teams: [shop] }
roles: { approver: [platform], commander: [incident-command], owner: [platform] }
rights: { read: everyone, run: [platform, incident-command], pause: [platform], supersede: [incident-command] }
`;

/** Salvor on one cluster, `prod`. */
export const ONE = `
clusters: [{ name: prod, default: true }]
${PEOPLE}`;
export const TWO = `
clusters: [{ name: prod, default: true }, { name: west }]
${PEOPLE}`;

export function openSlackScene({ config = ONE, ...options }: SceneOptions): SlackScene {
  const scene = openScene({ ...options, config });
  const { clock } = scene;
  const slack = simulatedSlack({ clock, ids: seededIds('slack'), ways: way(() => ({ desk, boards }), clock) });
  slack.apply({ users: [{ name: 'eve' }] });
  const policy = () => scene.app().settings().config.policy;
  const desk = openDesk({
    commands: scene.app().commands,
    callerOf: (person) => callerOf(policy(), person, 'slack'),
    policy,
    client: clientOf(slack),
    channel: () => '#dr',
    apiUrl: () => undefined,
    record: async () => {},
    clock,
    log: silentLog,
  });
  const boards = keepBoards(desk);
  void boards.keep(new AbortController().signal);
  return {
    ...scene,
    slack,
    desk,
    async card() {
      const { id } = await scene.incident();
      const metadata = { event_type: EVENT_TYPE, event_payload: { keys: [`incident/${id}/card`] } };
      const { ts } = await desk.client.call('chat.postMessage', { channel: 'C0DR', text: 'a card', metadata }, z.looseObject({ ts: z.string() }));
      return { ts, incident: id };
    },
    async does(who, what) {
      let over = false;
      const doing = what(slack.user(who)).finally(() => {
        over = true;
      });
      doing.catch(() => undefined);
      for (let turn = 0; turn < 100 && !over; turn += 1) await clock.pass(100);
      return doing;
    },
    told: (who) =>
      slack
        .user(who)
        .sees()
        .filter(({ onlyFor }) => onlyFor !== undefined)
        .map(({ text }) => text),
  };
}

type Here = { readonly desk: Desk; readonly boards: BoardKeeper };

/** Straight to the desk; Slack gives up after 3 s. */
function way(here: () => Here, clock: Scene['clock']): Way {
  return {
    send: (letter) =>
      new Promise<Outcome>((resolve) => {
        const sinceMs = clock.monotonicMs();
        const afterMs = (): number => clock.monotonicMs() - sinceMs;
        const cancel = clock.after(PATIENCE_MS, () => resolve({ acknowledged: false, afterMs: PATIENCE_MS, why: 'no answer within 3 s' }));
        const ack = async (answer?: unknown): Promise<void> => {
          cancel();
          resolve({ acknowledged: true, afterMs: afterMs(), answer: answer === undefined ? undefined : JSON.parse(JSON.stringify(answer)) });
        };
        void take(here(), letter, ack);
      }),
  };
}

/** As Bolt tells them apart. */
async function take({ desk, boards }: Here, { payload }: Letter, ack: (answer?: unknown) => Promise<void>): Promise<void> {
  const body: JsonObject = JSON.parse(JSON.stringify(payload));
  const { type, view } = body;
  if (type === 'block_actions') return takeAction(desk, { body, ack: () => ack() }).then(() => boards.pressed(body));
  if (type === 'block_suggestion') return takeSuggestion(desk, { body, ack });
  if (type === 'message_action') return takeShortcut(desk, { body, ack: () => ack() });
  if (type === 'event_callback') {
    await ack();
    if (isEvent(body, 'app_home_opened')) return boards.opened(body);
    await takeMention(desk, isEvent(body, 'app_mention') ? body : undefined);
    return takeReaction(desk, isEvent(body, 'reaction_added') ? body : undefined);
  }
  if (type === 'view_submission' && JSON.stringify(view).includes(`"callback_id":"${NOTE}"`)) return takeNoteForm(desk, { body, ack });
  if (type === 'view_submission')
    return JSON.stringify(view).includes(`"callback_id":"${START}"`) ? takeStart(desk, { body, ack }) : takeForm(desk, { body, ack });
  if (body['command'] !== undefined) return takeLine(desk, { body, ack });
}

function isEvent({ event }: JsonObject, type: string): boolean {
  return isObject(event) && event['type'] === type;
}

/** Slack's own methods, and its errors as the SDK throws them. */
function clientOf(slack: SimulatedSlack): SlackClient {
  return {
    async call(method, args, answer) {
      const asked = { method, contentType: 'application/json', authorization: 'Bearer xoxb-scene', query: new URLSearchParams(), body: JSON.stringify(args) };
      const met = await slack.call(asked);
      const body = met.kind === 'answer' && typeof met.body !== 'string' ? met.body : {};
      if (body['ok'] !== true) throw slackFault(method, { code: 'slack_webapi_platform_error', data: body });
      return answer.parse(body);
    },
  };
}
