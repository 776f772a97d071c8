import type { IncomingMessage, ServerResponse } from 'node:http';
import { respond } from '../../http/respond.ts';
import type { Given } from '../person/elements.ts';
import type { Seen } from '../person/seen.ts';
import type { SimulatedSlack } from '../slack.ts';
import { channelFor, type Look, showPage } from './page.ts';
import { LIVE, STYLE } from './style.ts';

const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** What each person was told last, until the page has shown it. */
const notices = new WeakMap<SimulatedSlack, Map<string, Seen>>();

type Asked = { readonly request: IncomingMessage; readonly path: string; readonly query: URLSearchParams; readonly body: string };

/** The page for people: what the chosen one sees, and forms that press and type as this person. Answers false where the path is no part of it. */
export async function servePage(slack: SimulatedSlack, response: ServerResponse, { request, path, query, body }: Asked): Promise<boolean> {
  const { method = 'GET' } = request;
  const give = (text: string, type: string): true => {
    respond(
      response,
      { code: 200, body: text, headers: { 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' } },
      type,
    );
    return true;
  };
  if (method === 'POST' && path.startsWith('/act/')) {
    const to = await act(slack, path.slice('/act/'.length), new URLSearchParams(body));
    response.writeHead(303, { Location: `../${to}` }).end();
    return true;
  }
  if (method !== 'GET' && method !== 'HEAD') return false;
  switch (path) {
    case '':
      response.writeHead(308, { Location: 'slack/' }).end();
      return true;
    case '/':
      return give(showPage(await lookOf(slack, query)).markup, 'text/html; charset=utf-8');
    case '/style.css':
      return give(STYLE, 'text/css; charset=utf-8');
    case '/live.js':
      return give(LIVE, 'text/javascript; charset=utf-8');
    case '/live':
      live(slack, request, response);
      return true;
    default:
      return false;
  }
}

async function lookOf(slack: SimulatedSlack, query: URLSearchParams): Promise<Look> {
  const { workspace } = slack;
  const first = [...workspace.users.values()].find(({ isBot, isDeleted }) => !isBot && !isDeleted);
  const person = slack.user(query.get('as') ?? first?.name ?? '');
  const channel = channelFor(workspace, query.get('channel'));
  if (channel === undefined) throw new Error('the simulated Slack has no channel');
  // Choices that the app gives are asked for once, so that the form has something to choose from.
  await person.loadChoices();
  const [ts, action, value = ''] = query.get('ask')?.split('|') ?? [];
  const told = notices.get(slack);
  const notice = told?.get(person.name);
  told?.delete(person.name);
  return {
    workspace,
    person,
    channel,
    thread: query.get('thread') ?? undefined,
    isHome: query.get('home') === '1',
    asking: ts === undefined || action === undefined ? undefined : { ts, action, value },
    notice,
  };
}

/** One form that was sent. Answers where to go on: the query of the page. */
async function act(slack: SimulatedSlack, what: string, form: URLSearchParams): Promise<string> {
  const person = slack.user(form.get('as') ?? '');
  const back = form.get('back') ?? '';
  const optional = (name: string): string | undefined => form.get(name) ?? undefined;
  const tell = (seen: Seen): string => {
    const told = notices.get(slack) ?? new Map<string, Seen>();
    notices.set(slack, told);
    if (seen.error !== undefined || seen.errors !== undefined) told.set(person.name, seen);
    return back.startsWith('?') ? back : '';
  };
  switch (what) {
    case 'say': {
      const text = form.get('text') ?? '';
      const where = { channel: optional('channel'), thread: optional('thread') };
      return tell(await (text.startsWith('/') ? person.type(text, where) : person.say(text, where)));
    }
    case 'press': {
      const place = form.get('in');
      const action = form.get('action') ?? '';
      const value = form.getAll('value').filter((one) => one !== '');
      const seen = await person.press({
        action,
        value: value.length > 1 ? value : value[0],
        ts: optional('ts'),
        in: place === 'modal' || place === 'home' ? place : undefined,
        confirm: form.get('confirm') === 'true' ? true : undefined,
      });
      if (!seen.asks) return tell(seen);
      const query = new URLSearchParams(back.slice(1));
      query.set('ask', [place ?? form.get('ts') ?? '', action, value.join(',')].join('|'));
      return `?${query.toString()}`;
    }
    case 'submit': {
      const values: Record<string, Given> = {};
      for (const name of new Set(form.keys())) {
        const given = form.getAll(name).filter((one) => one !== '');
        if (name.startsWith('field:')) values[name.slice('field:'.length)] = given.length > 1 ? given : (given[0] ?? '');
      }
      return tell(await person.submit(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))));
    }
    case 'close':
      return tell(await person.close());
    case 'home':
      return tell(await person.openHome());
    default:
      return '';
  }
}

/** Says that something changed, as server-sent events; what, the page asks itself. */
function live(slack: SimulatedSlack, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  let isQueued = false;
  const stop = slack.onChange(() => {
    if (isQueued) return;
    isQueued = true;
    setImmediate(() => {
      isQueued = false;
      response.write('event: changed\ndata: {}\n\n');
    });
  });
  request.on('close', stop);
  response.on('close', stop);
}
