import type { RunSummary } from './run.ts';

type Told = Pick<RunSummary, 'state' | 'hold' | 'trouble' | 'waiting' | 'end' | 'undone'> & { readonly approval?: { readonly asks: string } | undefined };

/** The first 8 characters of an id or digest: what people say and type. */
export function short(id: string): string {
  return id.replace(/^(run|incident)\//, '').slice(0, 8);
}

/** `backup-failed on daily`. */
export function nameOf({ playbook, target }: Pick<RunSummary, 'playbook' | 'target'>): string {
  return `${playbook} on ${target}`;
}

/** `(run 3f9a01c2, executing)`. */
export function tag({ id, state }: Pick<RunSummary, 'id' | 'state'>): string {
  return `(run ${short(id)}, ${state})`;
}

/** Where a run stands, in half a sentence. */
export function standing(run: Told): string {
  const { hold, trouble } = run;
  const held = hold === undefined ? '' : `, held by ${hold.gate}: ${hold.reason}`;
  const again = trouble === undefined ? '' : `, and tries again: ${trouble.reason}`;
  return `${base(run)}${held}${again}`;
}

const GOOD = ['done', 'recovered'];

/** Whether a run ended, and how. */
export function isGoodEnd(state: string): boolean {
  return GOOD.includes(state);
}

function base({ state, waiting, end, approval, undone }: Told): string {
  switch (state) {
    case 'queued':
      return 'is about to begin';
    case 'diagnosing':
      return 'is looking for the cause';
    case 'waiting':
      return waiting === undefined ? 'waits' : `waits for ${waitsFor(waiting)}: ${waiting.reason}`;
    case 'proposed':
      return `waits for a decision${approval === undefined ? '' : `: ${approval.asks}`}`;
    case 'executing':
      return 'carries out its plan';
    case 'verifying':
      return 'checks what it did';
    case 'closing':
      return `is on its way to its end${because(end)}`;
    case 'done':
    case 'recovered':
    case 'rejected':
    case 'expired':
    case 'cancelled':
    case 'failed':
    case 'handed-over':
    case 'superseded':
      return `${ENDS[state]}${because(end)}`;
    case 'rolled-back':
      return `failed${undone === 0 ? '; nothing was undone' : ', and was rolled back'}${because(end)}`;
  }
}

const ENDS = {
  done: 'is done',
  recovered: 'had nothing more to do: it recovered',
  rejected: 'was rejected',
  expired: 'expired: nobody decided in time',
  cancelled: 'was cancelled',
  failed: 'failed',
  'handed-over': 'was handed over to a person',
  superseded: 'was superseded',
} as const;

function because(end: string | undefined): string {
  return end === undefined || end === '' ? '' : `: ${end}`;
}

function waitsFor({ for: whom, what }: NonNullable<Told['waiting']>): string {
  if (what === 'ask') return 'an answer';
  if (what === 'settle-step') return 'a person to settle a step';
  return whom === 'world' ? 'the world' : whom === 'person' ? 'a person' : 'its time';
}
