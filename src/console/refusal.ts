import type { ErrorRequestHandler, Request, Response } from 'express';
import { type ErrorCode, errorText, SalvorError } from '../model/error.ts';
import { ERROR_KINDS } from '../model/error-kind.ts';
import type { Log } from '../port/log.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { refusalPage } from './page/login.ts';

/** How soon a page that could not be made asks again, in s. */
const AGAIN_S = 5;

/** What a person can do about it on these pages; the rest says it in its own words. */
const NEXT: { readonly [code in ErrorCode]?: string } = {
  'approval.plan-changed': 'The plan that counts now is below, with what changed. Read it, and approve that one if you agree.',
  'approval.not-waiting': 'How it stands now is below.',
  'approval.confirmation-missing': 'Nothing was approved. Type the word exactly as it is shown, then send it again.',
  'approval.not-allowed': 'Nothing changed. Who can is said beside the plan.',
  'request.conflict': 'How it stands now is below.',
  'sign-in.refused': 'Log in again, or with your token.',
  'sign-in.unavailable': 'Try it again in a moment, or log in with your token.',
  'request.invalid': 'What you wrote is still there: correct it, then send it again.',
};

type Refused = { readonly notice: Html; readonly status: number };

/** A refusal that is best shown on the page it is about: what was written stays, and how things stand now is below. */
export function isShownAgain(error: unknown): boolean {
  return error instanceof SalvorError && [400, 403, 409, 422].includes(ERROR_KINDS[error.code].status);
}

export function noticeOf(error: unknown): Refused {
  const { code, text } = { code: error instanceof SalvorError ? error.code : 'internal', text: errorText(error) } as const;
  const { status, title } = ERROR_KINDS[code];
  const next = NEXT[code];
  return {
    status,
    notice: html`<div class="panel bad-edge" role="alert"><p class="answer bad">${title}: ${text}</p>${next !== undefined && html`<p>${next}</p>`}</div>`,
  };
}

/** What is refused is a page, too: what, and the way on. Where the store is away the page asks again by itself; a form is sent again by its person. */
export function refusals(log: Log, show: (req: Request, res: Response, page: Page) => void): ErrorRequestHandler {
  // oxlint-disable-next-line max-params -- Express tells the handler of errors by its four parameters.
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error);
    const code = error instanceof SalvorError ? error.code : isBodyFault(error) ? 'request.invalid' : 'internal';
    const { status, title } = ERROR_KINDS[code];
    if (status === 500) log.error('console.failed', { method: req.method, path: req.path.slice(0, 200), code, reason: errorText(error) });
    const isAway = status === 503;
    const asksAgain = isAway && req.method === 'GET';
    if (isAway) res.setHeader('retry-after', String(AGAIN_S));
    if (asksAgain) res.setHeader('refresh', String(AGAIN_S));
    const detail = code === 'internal' ? 'Something went wrong that nobody expected; the log says more.' : errorText(error);
    const hint = asksAgain
      ? `This page asks again every ${AGAIN_S} seconds by itself.`
      : isAway
        ? 'What you sent may not have been taken. Load this page again to send it once more: twice counts once.'
        : NEXT[code];
    show(req, res, { ...refusalPage({ title, detail, hint, back: req.method === 'POST' ? backOf(req.path) : '/' }), status });
  };
}

function backOf(path: string): string {
  const [, room = '', id = ''] = path.split('/');
  return ['runs', 'incidents', 'playbooks'].includes(room) && id !== '' ? `/${room}/${id}` : '/';
}

function isBodyFault(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string';
}
