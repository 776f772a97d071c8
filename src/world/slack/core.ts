import type { Json, JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { type SlackFaults, slackFaults } from './faults.ts';
import { type Limits, limits } from './limits.ts';
import { type Triggers, triggers } from './triggers.ts';
import { type Channel, emptyWorkspace, type Message, type Workspace } from './workspace.ts';

/** One call of a Web API method, as tests and people look back on it. */
export type Call = {
  readonly method: string;
  readonly args: JsonObject;
  readonly atMs: number;
  /** `ok`, Slack's error, or the kind of the fault that it met. */
  readonly outcome: string;
};

export type NewMessage = {
  readonly channel: Channel;
  readonly user: string;
  readonly isOurs: boolean;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly threadTs?: string | undefined;
  readonly isBroadcast?: boolean | undefined;
  readonly metadata?: JsonObject | undefined;
  readonly onlyFor?: string | undefined;
  readonly files?: readonly string[];
};

/** What methods, deliveries and people of one simulated Slack share. */
export type Core = {
  readonly workspace: Workspace;
  readonly clock: Clock;
  readonly faults: SlackFaults;
  readonly limits: Limits;
  readonly triggers: Triggers;
  readonly calls: Call[];
  /** An id as Slack writes them: the letter and ten more. */
  readonly newId: (prefix: string) => string;
  /** An unguessable text, for tickets and addresses. */
  readonly secret: () => string;
  /** The time of a message: later than every one before. */
  readonly nextTs: () => string;
  readonly post: (message: NewMessage) => Message;
  /** To be called after each change that people can see. */
  readonly changed: () => void;
  readonly onChange: (listener: () => void) => () => void;
  readonly onDown: (listener: () => void) => void;
  /** Where its HTTP side is, without a slash at the end. */
  readonly baseUrl: () => string;
  readonly serveAt: (url: string) => void;
};

export function slackCore({ clock, ids }: { readonly clock: Clock; readonly ids: Ids }): Core {
  const workspace = emptyWorkspace();
  const listeners = new Set<() => void>();
  const downs = new Set<() => void>();
  let lastMicros = 0;
  let base = 'http://127.0.0.1:0/slack';

  const core: Core = {
    workspace,
    clock,
    faults: slackFaults(clock, () => {
      for (const down of downs) down();
    }),
    limits: limits(clock),
    triggers: triggers(clock, () => ids.next()),
    calls: [],
    newId: (prefix) => `${prefix}${ids.next().slice(0, 10).toUpperCase()}`,
    secret: () => ids.next(),
    nextTs() {
      lastMicros = Math.max(lastMicros + 1, Math.floor(clock.nowMs()) * 1000);
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`;
    },
    post({ channel, blocks = [], files = [], ...rest }) {
      const message: Message = { ...rest, ts: core.nextTs(), channel: channel.id, blocks, files, edits: 0, reactions: new Map(), atMs: clock.nowMs() };
      channel.messages.push(message);
      core.changed();
      return message;
    },
    changed() {
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onDown: (listener) => void downs.add(listener),
    baseUrl: () => base,
    serveAt: (url) => void (base = url),
  };
  return core;
}

/** Leaves out what is undefined, so that it can go out as JSON. */
export function present(fields: { readonly [key: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
