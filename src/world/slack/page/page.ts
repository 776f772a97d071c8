import { elementsOf, findElement } from '../person/elements.ts';
import type { Person } from '../person/person.ts';
import type { Seen } from '../person/seen.ts';
import { type Channel, findChannel, type Message, type Workspace } from '../workspace.ts';
import { html, type Markup } from './html.ts';
import { showBlocks } from './show-blocks.ts';
import { showMrkdwn, withEmoji } from './show-text.ts';

/** What the page shows and to whom. */
export type Look = {
  readonly workspace: Workspace;
  readonly person: Person;
  readonly channel: Channel;
  /** The thread that is open beside the channel. */
  readonly thread?: string | undefined;
  readonly isHome: boolean;
  /** A press that asks first: the message, or `modal`, and the action. */
  readonly asking?: { readonly ts: string; readonly action: string; readonly value: string } | undefined;
  /** What the person was told last. */
  readonly notice?: Seen | undefined;
};

export function showPage(look: Look): Markup {
  const { workspace, person, channel } = look;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>#${channel.name} - simulated Slack</title>
<link rel="stylesheet" href="style.css">
<link rel="icon" href="data:,">
<script src="live.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body>
<div class="frame">
${sidebar(look)}
<main>
<header class="bar"><h1>${look.isHome ? 'Salvor' : `#${channel.name}`}</h1><span class="quiet">${look.isHome ? 'App home' : channel.topic || `${channel.members.size} members`}</span></header>
<div id="live">
${look.notice?.error !== undefined && html`<p class="notice" role="alert">${look.notice.error}</p>`}
${look.isHome ? home(look) : messages(look)}
</div>
${look.isHome ? undefined : composer(look, undefined)}
</main>
<div id="beside">${look.thread !== undefined && !look.isHome ? threadPanel(look, look.thread) : undefined}</div>
</div>
<div id="over">${overlay(look)}</div>
<p class="foot">${workspace.team.name} - a Slack that is simulated; you are ${person.name}</p>
</body>
</html>`;
}

function at(
  look: Look,
  change: { readonly channel?: string; readonly as?: string; readonly thread?: string | undefined; readonly home?: boolean } = {},
): string {
  const query = new URLSearchParams({ channel: change.channel ?? look.channel.name, as: change.as ?? look.person.name });
  if (change.home) query.set('home', '1');
  if (change.thread !== undefined) query.set('thread', change.thread);
  return `?${query.toString()}`;
}

function sidebar(look: Look): Markup {
  const { workspace, person, channel, isHome } = look;
  const channels = [...workspace.channels.values()].filter(({ kind, members }) => kind === 'public' || (kind === 'private' && members.has(person.id)));
  const people = [...workspace.users.values()].filter(({ isBot, isDeleted }) => !isBot && !isDeleted);
  const link = (href: string, text: string, isHere: boolean): Markup =>
    html`<li><a href="${href}"${isHere ? html` aria-current="page"` : undefined}>${text}</a></li>`;
  return html`<nav>
<div class="team">${workspace.team.name}</div>
<h2>Channels</h2><ul>${channels.map(({ name, isArchived }) => link(at(look, { channel: name }), `# ${name}${isArchived ? ' (archived)' : ''}`, !isHome && name === channel.name))}</ul>
<h2>Apps</h2><ul>${link(at(look, { home: true }), '◆ Salvor', isHome)}</ul>
<h2>You are</h2><ul>${people.map(({ name }) => link(at(look, { as: name, thread: look.thread, home: isHome }), `@ ${name}`, name === person.name))}</ul>
</nav>`;
}

function messages(look: Look): Markup {
  const top = look.person.sees(look.channel.id).filter(({ threadTs, isBroadcast }) => threadTs === undefined || isBroadcast);
  if (top.length === 0) return html`<p class="quiet empty">Nothing was said here yet.</p>`;
  return html`<ol class="messages">${top.map((message) => html`<li>${showMessage(look, message)}</li>`)}</ol>`;
}

function threadPanel(look: Look, thread: string): Markup {
  const all = look.person.sees(look.channel.id).filter(({ ts, threadTs }) => ts === thread || threadTs === thread);
  return html`<aside><header class="bar"><h1>Thread</h1><a class="quiet" href="${at(look)}">Close</a></header>
<ol class="messages">${all.map((message) => html`<li>${showMessage(look, message, true)}</li>`)}</ol>${composer(look, thread)}</aside>`;
}

function showMessage(look: Look, message: Message, isInThread = false): Markup {
  const { workspace, person, channel } = look;
  const { ts, text, blocks, isOurs, edits, onlyFor, reactions, files } = message;
  const name = isOurs ? 'Salvor' : (workspace.users.get(message.user)?.name ?? message.user);
  const press = html`<input type="hidden" name="as" value="${person.name}"><input type="hidden" name="back" value="${at(look, { thread: look.thread })}"><input type="hidden" name="ts" value="${ts}">`;
  const replies = person.sees(channel.id).filter(({ threadTs }) => threadTs === ts);
  const body =
    blocks.length === 0 ? html`<div class="b-text">${showMrkdwn(text, workspace)}</div>` : showBlocks(blocks, { workspace, press, offers: person.offers });
  return html`<article${onlyFor === undefined ? undefined : html` class="only"`}>
<div class="face f${isOurs ? 0 : (name.charCodeAt(0) % 5) + 1}" aria-hidden="true">${isOurs ? '◆' : name.charAt(0).toUpperCase()}</div>
<div class="said">
${onlyFor !== undefined && html`<div class="quiet">Only visible to you</div>`}${
  message.isBroadcast === true && !isInThread && html`<div class="quiet">Replied to a <a href="${at(look, { thread: message.threadTs })}">thread</a></div>`
}${channel.pins.has(ts) && html`<div class="quiet">📌 Pinned</div>`}
<div class="who"><strong>${name}</strong>${isOurs && html`<span class="app">APP</span>`}<time>${new Date(message.atMs).toISOString().slice(11, 16)}</time></div>
${body}${edits > 0 && blocks.length === 0 && html`<span class="quiet"> (edited)</span>`}
${files.length > 0 && html`<div class="files">${files.map((id) => html`<span class="file">📄 ${workspace.files.get(id)?.title ?? id}</span>`)}</div>`}
${reactions.size > 0 && html`<div class="reactions">${[...reactions].map(([emoji, users]) => html`<span>${withEmoji(`:${emoji}:`)} ${users.length}</span>`)}</div>`}
${!isInThread && replies.length > 0 && html`<a class="replies" href="${at(look, { thread: ts })}">${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}</a>`}
${!isInThread && replies.length === 0 && onlyFor === undefined && html`<a class="reply" href="${at(look, { thread: ts })}">Reply in thread</a>`}
</div></article>`;
}

function composer(look: Look, thread: string | undefined): Markup {
  const where = thread === undefined ? `#${look.channel.name}, or type a command such as /dr status` : 'this thread';
  return html`<form method="post" action="act/say" class="composer">
<input type="hidden" name="as" value="${look.person.name}"><input type="hidden" name="channel" value="${look.channel.id}"><input type="hidden" name="back" value="${at(look, { thread: look.thread })}">
${thread !== undefined && html`<input type="hidden" name="thread" value="${thread}">`}
<input name="text" aria-label="Message to ${where}" placeholder="Message ${where}" autocomplete="off" required><button class="primary">Send</button></form>`;
}

function home(look: Look): Markup {
  const view = look.person.home();
  const hidden = html`<input type="hidden" name="as" value="${look.person.name}"><input type="hidden" name="back" value="${at(look, { home: true })}"><input type="hidden" name="in" value="home">`;
  const open = html`<form method="post" action="act/home">${hidden}<button class="plain">Open the home</button></form>`;
  return html`<div class="home">${view === undefined ? html`<p class="quiet">The app shows nothing here yet.</p>` : showBlocks(view.blocks, { workspace: look.workspace, press: hidden, offers: look.person.offers })}${open}</div>`;
}

/** What lies over the page: a question before a press, or the open modal. */
function overlay(look: Look): Markup | undefined {
  return look.asking === undefined ? modal(look) : question(look, look.asking);
}

function modal(look: Look): Markup | undefined {
  const { person, workspace, notice } = look;
  const view = person.modal();
  if (view?.type !== 'modal') return undefined;
  const hidden = html`<input type="hidden" name="as" value="${person.name}"><input type="hidden" name="back" value="${at(look, { thread: look.thread })}"><input type="hidden" name="in" value="modal">`;
  const around = { workspace, press: hidden, offers: person.offers, isForm: true, ...(notice?.errors === undefined ? {} : { errors: notice.errors }) };
  return html`<div class="shade"><form method="post" action="act/submit" class="modal" role="dialog" aria-modal="true" aria-label="${view.title.text}" data-hash="${view.hash}">${hidden}
<header><h2>${view.title.text}</h2></header><div class="inside">${notice?.error !== undefined && html`<p class="notice" role="alert">${notice.error}</p>`}${showBlocks(view.blocks, around)}</div>
<footer>${view.submit && html`<button class="primary">${view.submit.text}</button>`}<button class="plain" formaction="act/close" formnovalidate>${view.close?.text ?? 'Close'}</button></footer></form></div>`;
}

function question(look: Look, { ts, action, value }: NonNullable<Look['asking']>): Markup | undefined {
  const { person, workspace } = look;
  const blocks =
    ts === 'modal' ? person.modal()?.blocks : ts === 'home' ? person.home()?.blocks : person.sees(look.channel.id).find((one) => one.ts === ts)?.blocks;
  const element = findElement(elementsOf(blocks ?? []), action)?.element;
  const confirm = element !== undefined && 'confirm' in element ? element.confirm : undefined;
  if (confirm === undefined) return undefined;
  const place = ts === 'modal' || ts === 'home' ? html`<input type="hidden" name="in" value="${ts}">` : html`<input type="hidden" name="ts" value="${ts}">`;
  const back = at(look, { thread: look.thread, home: ts === 'home' });
  return html`<div class="shade"><form method="post" action="act/press" class="modal small" role="dialog" aria-modal="true" aria-label="${confirm.title.text}">
<input type="hidden" name="as" value="${person.name}"><input type="hidden" name="back" value="${back}">${place}<input type="hidden" name="action" value="${action}"><input type="hidden" name="value" value="${value}"><input type="hidden" name="confirm" value="true">
<header><h2>${confirm.title.text}</h2></header><div class="inside">${confirm.text.type === 'mrkdwn' ? showMrkdwn(confirm.text.text, workspace) : confirm.text.text}</div>
<footer><button class="${confirm.style ?? 'primary'}">${confirm.confirm.text}</button><a class="button" href="${back}">${confirm.deny.text}</a></footer></form></div>`;
}

/** The channel that is looked at: the named one, or the first that the person sees. */
export function channelFor(workspace: Workspace, name: string | null): Channel | undefined {
  const named = name === null ? undefined : findChannel(workspace, name);
  return named ?? findChannel(workspace, 'dr') ?? [...workspace.channels.values()].find(({ kind }) => kind === 'public');
}
