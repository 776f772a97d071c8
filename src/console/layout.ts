import type { Right } from '../model/policy.ts';
import { formatTime } from '../model/time.ts';
import { clockTime, distance } from '../model/when.ts';
import type { Caller } from '../port/commands.ts';
import type { Rules } from './access.ts';
import type { Form } from './form.ts';
import { type Content, type Html, html } from './html.ts';
import type { Session } from './session.ts';

/** What every page is told about where and to whom it is shown. */
export type Seat = {
  readonly session: Session | undefined;
  readonly caller: Caller;
  readonly rules: Rules;
  readonly nowMs: number;
  /** Why the person who looks may not; undefined: they may. */
  readonly whyNot: (right: Right) => string | undefined;
  /** New for each page: a form that is sent twice counts once. */
  readonly key: string;
  /** What was sent and refused: the page shows it again. */
  readonly form: Form;
  /** What was refused, and why. */
  readonly notice?: Html;
};

export type Page = {
  readonly title: string;
  /** The part of the navigation that it belongs to. */
  readonly part?: Part;
  readonly main: Content;
  /** The stream whose lines make the page load itself again. */
  readonly live?: string;
  /** Absent: 200. */
  readonly status?: number;
};

const PARTS = { incidents: '/', runs: '/runs', playbooks: '/playbooks', operations: '/operations', audit: '/audit', people: '/people' } as const;
export type Part = keyof typeof PARTS;

/** A whole page, with nothing from elsewhere. */
export function page({ title, part, main, live }: Page, seat: Pick<Seat, 'session' | 'nowMs' | 'notice'>): Html {
  const { session, nowMs, notice } = seat;
  const links = Object.entries(PARTS).map(
    ([name, path]) => html`<a href="${path}"${name === part && html` aria-current="page"`}>${name[0]?.toUpperCase()}${name.slice(1)}</a>`,
  );
  const who =
    session === undefined
      ? html`<a class="who" href="/login">Log in</a>`
      : html`<form class="who" action="/logout" method="post">${csrfField(session)}<a href="/people">${session.person}</a> <button class="quiet">Log out</button></form>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Salvor</title>
<link rel="stylesheet" href="/console.css">
<link rel="icon" href="data:,">
<script src="/console.js" type="module"></script>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><a class="name" href="/">Salvor</a><nav aria-label="Parts">${links}</nav>${who}</header>
<div id="live" class="banner" role="status"></div>
<main id="main" tabindex="-1" data-now="${nowMs}"${live !== undefined && html` data-live="${live}"`}>
${notice}
${main}
</main>
<footer class="soft">As of ${formatTime(nowMs)}.${live !== undefined && html`<noscript> This page does not renew itself: load it again to see what is new.</noscript>`}</footer>
</body>
</html>
`;
}

/** What shows that a form came from our own page. */
export function csrfField({ csrf }: Session): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

/** `5m ago`, with the moment itself for who asks; a script keeps it true. */
export function time(atMs: number, nowMs: number): Html {
  return html`<time datetime="${machineTime(atMs)}" title="${formatTime(atMs)}" data-at="${atMs}">${distance(atMs, nowMs)}</time>`;
}

/** `14:10:03 (5m ago)`: for lines whose moment matters, by the clock of UTC. */
export function moment(atMs: number, nowMs: number): Html {
  return html`<time datetime="${machineTime(atMs)}" title="${formatTime(atMs)}">${clockTime(atMs, nowMs)}</time> <span class="soft">(<span data-at="${atMs}">${distance(atMs, nowMs)}</span>)</span>`;
}

function machineTime(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}

export type Row = readonly [name: string, value: Content];

/** Names and values; what has no value is left out. */
export function rows(of: readonly (Row | undefined)[]): Html | undefined {
  const shown = of.filter((row) => row !== undefined && !isEmpty(row[1]));
  return shown.length === 0 ? undefined : html`<dl>${shown.map((row) => row !== undefined && html`<dt>${row[0]}</dt><dd>${row[1]}</dd>`)}</dl>`;
}

function isEmpty(value: Content): boolean {
  return value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

/** A part that needs a right: itself, or why it is not there and who can be asked. */
export function withRight(whyNot: string | undefined, part: Content): Content {
  return whyNot === undefined ? part : html`<p class="locked">${whyNot}</p>`;
}

/** The way to the pages before and behind; undefined where there is one page only. */
export function paging({ newest, next }: { readonly newest: string | undefined; readonly next: string | undefined }): Content {
  if (newest === undefined && next === undefined) return undefined;
  return html`<p class="paging">${newest !== undefined && html`<a href="${newest}">Newest</a>`} ${next !== undefined && html`<a href="${next}" rel="next">Older</a>`}</p>`;
}
