import { formatTime } from '../model/time.ts';
import { distance } from '../model/when.ts';
import { type Content, type Html, html } from './html.ts';
import type { Session } from './session.ts';

/** What every page is told about where it is shown. */
export type Seat = { readonly session: Session | undefined; readonly nowMs: number };

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

const PARTS = { incidents: '/', runs: '/runs', playbooks: '/playbooks', operations: '/operations' } as const;
export type Part = keyof typeof PARTS;

/** A whole page, with nothing from elsewhere. */
export function page({ title, part, main, live }: Page, { session }: Pick<Seat, 'session'>): Html {
  const links = Object.entries(PARTS).map(
    ([name, path]) => html`<a href="${path}"${name === part && html` aria-current="page"`}>${name[0]?.toUpperCase()}${name.slice(1)}</a>`,
  );
  const who =
    session === undefined
      ? html`<a class="who" href="/login">Log in</a>`
      : html`<form class="who" action="/logout" method="post">${csrfField(session)}<span class="soft">${session.person}</span> <button class="quiet">Log out</button></form>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Salvor</title>
<link rel="stylesheet" href="/console.css">
<link rel="icon" href="data:,">
<script src="/console.js" type="module"></script>
</head>
<body>
<header><a class="name" href="/">Salvor</a><nav aria-label="Parts">${links}</nav>${who}</header>
<main${live !== undefined && html` data-live="${live}"`}>
${main}
</main>
</body>
</html>
`;
}

/** What shows that a form came from our own page. */
export function csrfField({ csrf }: Session): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

/** `5m ago`, with the moment itself for who asks. */
export function time(atMs: number, nowMs: number): Html {
  const moment = new Date(atMs);
  const machine = Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
  return html`<time datetime="${machine}" title="${formatTime(atMs)}">${distance(atMs, nowMs)}</time>`;
}

export type Row = readonly [name: string, value: Content];

/** Names and values; what has no value is left out. */
export function rows(of: readonly (Row | undefined)[]): Html {
  return html`<dl>${of.map((row) => row !== undefined && !isEmpty(row[1]) && html`<dt>${row[0]}</dt><dd>${row[1]}</dd>`)}</dl>`;
}

function isEmpty(value: Content): boolean {
  return value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0);
}
