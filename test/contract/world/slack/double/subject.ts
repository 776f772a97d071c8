import { createEmulator } from 'emulate';
import { onTestFinished } from 'vitest';
import { isObject, type Json, type JsonObject, textIn } from '../../../../../src/model/json.ts';
import { FULL_SCOPES } from '../../../../../src/world/slack/workspace.ts';
import { answering, type Heard } from '../app.ts';
import { BOT, call, stage } from '../stage.ts';

/** A Slack that a case is put to: ours, or the independent one. */
export type Subject = {
  /** What the method answers; an HTTP status that is not 200 as `{ http }`. */
  call(method: string, args?: JsonObject, token?: string): Promise<JsonObject>;
  /** The id of a channel or user by its name, and of the app's own user. */
  id(name: string): string;
  /** A fresh trigger of ana's. */
  trigger(): Promise<string>;
  put(url: string, content: string): Promise<number>;
};

export type Setting = { readonly without?: readonly string[] };

const granted = ({ without = [] }: Setting): readonly string[] => FULL_SCOPES.filter((scope) => !without.includes(scope));

async function put(url: string, content: string): Promise<number> {
  return (await fetch(url, { method: 'POST', body: content })).status;
}

/** The app is the user `salvor`; #dr has everybody in it, #other everybody but the app. */
export async function ours(setting: Setting): Promise<Subject> {
  const on = await stage({ channels: [{ name: 'other', bot: false }], app: { scopes: [...granted(setting)] } });
  const heard: Heard[] = [];
  await answering(on, heard);
  const { users, channels, app } = on.slack.workspace;
  const byName = new Map([...[...users.values(), ...channels.values()].map(({ name, id }) => [name, id] as const), ['salvor', app.userId] as const]);
  const trigger = async (): Promise<string> => {
    await on.slack.user('ana').type('/dr');
    return heard.at(-1)?.trigger_id ?? '';
  };
  return {
    call: async (method, args = {}, token = BOT) => shown(await call(`${on.served.apiUrl}${method}`, args, token)),
    id: (name) => byName.get(name) ?? name,
    trigger,
    put,
  };
}

export async function theirs(setting: Setting): Promise<Subject> {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        strict_scopes: true,
        users: ['salvor', 'ana', 'ben', 'cleo', 'dan'].map((name) => ({ name, real_name: name, email: `${name}@example.com` })),
        channels: [{ name: 'dr' }, { name: 'other' }],
        tokens: [{ token: BOT, user: 'salvor', scopes: [...granted(setting)] }],
      },
    },
  });
  onTestFinished(() => emulator.close());
  const ask = (method: string, args: JsonObject = {}, token = BOT): Promise<JsonObject> => plain(`${emulator.url}/api/${method}`, args, token);
  const byName = new Map<string, string>();
  const listed = [await ask('users.list', {}), await ask('conversations.list', {})].flatMap(({ members, channels }) => [members, channels]);
  for (const list of listed) {
    for (const one of Array.isArray(list) ? list : []) if (isObject(one)) byName.set(textIn(one['name']), textIn(one['id']));
  }
  await ask('conversations.leave', { channel: byName.get('other') ?? '' });
  const trigger = async (): Promise<string> => textIn((await ask('views.generateTriggerId', { user: byName.get('ana') ?? '' }))['trigger_id']);
  return { call: ask, id: (name) => byName.get(name) ?? name, trigger, put };
}

async function plain(url: string, args: JsonObject, token: string): Promise<JsonObject> {
  const headers = { 'Content-Type': 'application/json', ...(token === '' ? {} : { Authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(args) });
  const text = await response.text();
  if (response.status !== 200) return { http: response.status };
  const body: JsonObject = JSON.parse(text);
  return body;
}

function shown({ status, body }: { readonly status: number; readonly body: object }): JsonObject {
  const copied: JsonObject = JSON.parse(JSON.stringify(body));
  return status === 200 ? copied : { http: status };
}

/** `ok`, or the error. */
export function outcome(answer: JsonObject): Json {
  if (answer['http'] !== undefined) return `HTTP ${textIn(answer['http'])}`;
  return answer['ok'] === true ? 'ok' : (answer['error'] ?? 'no answer');
}
