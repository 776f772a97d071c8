import { isObject, type Json, type JsonObject, textIn } from '../../../../../src/model/json.ts';
import { outcome, type Setting, type Subject } from './subject.ts';

/** What one method does in one situation: the same in both, or different for a reason. */
export type Case = {
  readonly method: string;
  /** The situation, and what is looked at. */
  readonly when: string;
  readonly setting?: Setting;
  readonly run: (slack: Subject) => Promise<Json>;
  readonly ours: Json;
  /** Absent: the same. */
  readonly theirs?: Json;
  readonly why?: string;
};

export const p = (text: string): JsonObject => ({ type: 'plain_text', text });
export const section = (text: string): JsonObject => ({ type: 'section', text: { type: 'mrkdwn', text } });
export const post = (slack: Subject, more: JsonObject = {}): Promise<JsonObject> =>
  slack.call('chat.postMessage', { channel: slack.id('dr'), text: 'hello', ...more });
export const tsOf = async (posting: Promise<JsonObject>): Promise<string> => textIn((await posting)['ts']);
export const list = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
export const texts = (answer: JsonObject): Json => list(answer['messages']).map((message) => message['text'] ?? null);
export const only = (answer: JsonObject, field: string): Json => {
  const [first = {}] = list(answer['messages']);
  return first[field] ?? null;
};
export const objectIn = (answer: JsonObject, field: string): JsonObject => {
  const value = answer[field];
  return isObject(value) ? value : {};
};
export const create = (slack: Subject, name: string): Promise<JsonObject> => slack.call('conversations.create', { name });
export const madeId = async (creating: Promise<JsonObject>): Promise<string> => textIn(objectIn(await creating, 'channel')['id']);
export const modal = (title = 'Title', blocks: readonly JsonObject[] = [section('text')]): JsonObject => ({ type: 'modal', title: p(title), blocks });

/** A call that only its outcome matters of. */
export function plain(method: string, when: string, args: (slack: Subject) => JsonObject | Promise<JsonObject>): Pick<Case, 'method' | 'when' | 'run'> {
  return { method, when, run: async (slack) => outcome(await slack.call(method, await args(slack))) };
}

/** The same call without its scope. */
export function scoped(method: string, scope: string, args: (slack: Subject) => JsonObject): Case {
  return {
    method,
    when: `without ${scope}`,
    setting: { without: [scope] },
    run: async (slack) => outcome(await slack.call(method, args(slack))),
    ours: 'missing_scope',
  };
}

export const NOBODY = 'U0NOBODY';
export const NOWHERE = 'C0NOWHERE';
