import { defined } from '../model/defined.ts';
import { parseDuration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import type { Severity } from '../model/policy.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Page } from './layout.ts';
import { dryRunPage } from './page/dry-run.ts';

type Deciding = {
  readonly commands: Commands;
  readonly caller: Caller;
  readonly part: (name: string) => string;
  /** Of the form; empty where it is not there. */
  readonly field: (name: string) => string;
  readonly fields: readonly string[];
};

/** Where to go on, or a page that says what came of it. */
export type Decision = (deciding: Deciding) => Promise<string | Page>;

const SEVERITIES: readonly Severity[] = ['SEV1', 'SEV2', 'SEV3'];
const PARAM = 'param.';

/** Every form of the console, by its path. */
export const decisions: ReadonlyMap<string, Decision> = new Map<string, Decision>([
  [
    '/runs/:id/approve',
    onRun(({ commands, caller, field }, id) => commands.approve(caller, id, defined({ plan: field('plan'), confirmation: given(field('confirmation')) }))),
  ],
  ['/runs/:id/reject', onRun(({ commands, caller, field }, id) => commands.reject(caller, id, { reason: needed(field, 'reason') }))],
  [
    '/runs/:id/answer',
    onRun(({ commands, caller, field }, id) =>
      commands.answer(caller, id, defined({ ask: field('ask'), value: field('value'), confirmation: given(field('confirmation')) })),
    ),
  ],
  [
    '/runs/:id/settle',
    onRun(({ commands, caller, field }, id) => commands.settle(caller, id, { step: field('step'), as: field('as') === 'done' ? 'done' : 'not-done' })),
  ],
  [
    '/runs/:id/cancel',
    onRun(({ commands, caller, field }, id) => commands.cancel(caller, id, { reason: needed(field, 'reason'), keep: field('keep') === 'yes' })),
  ],
  ['/runs/:id/supersede', onRun(({ commands, caller, field }, id) => commands.supersede(caller, id, { reason: needed(field, 'reason') }))],
  ['/incidents/:id/notes', onIncident(({ commands, caller, field }, id) => commands.note(caller, id, { text: needed(field, 'text') }))],
  ['/incidents/:id/lead', onIncident(({ commands, caller, field }, id) => commands.lead(caller, id, { lead: needed(field, 'lead') }))],
  ['/incidents/:id/severity', onIncident(({ commands, caller, field }, id) => commands.severity(caller, id, { severity: severityIn(field('severity')) }))],
  ['/incidents/:id/acknowledge', onIncident(({ commands, caller }, id) => commands.acknowledge(caller, id))],
  ['/incidents/:id/close', onIncident(({ commands, caller, field }, id) => commands.closeIncident(caller, id, { reason: needed(field, 'reason') }))],
  ['/playbooks/:id/runs', start],
  [
    '/pause',
    async ({ commands, caller, field }) => {
      await commands.pause(caller, defined({ reason: needed(field, 'reason'), forMs: durationIn(field('for')) }));
      return '/operations';
    },
  ],
  [
    '/resume',
    async ({ commands, caller }) => {
      await commands.resume(caller, {});
      return '/operations';
    },
  ],
]);

async function start({ commands, caller, part, field, fields }: Deciding): Promise<string | Page> {
  // What was left empty was not given: the playbook's own default counts.
  const params = Object.fromEntries(
    fields.flatMap((name) => (name.startsWith(PARAM) && field(name) !== '' ? [[name.slice(PARAM.length), field(name)] as const] : [])),
  );
  const request = { playbook: part('id'), params, reason: needed(field, 'reason') };
  if (field('dry') === 'yes') return dryRunPage(await commands.dryRun(caller, request));
  const { run } = await commands.startRun(caller, { ...request, ...(field('key') === '' ? {} : { idempotencyKey: field('key') }) });
  return `/runs/${encodeURIComponent(run)}`;
}

function onRun(decide: (deciding: Deciding, id: string) => Promise<unknown>): Decision {
  return on('runs', decide);
}

function onIncident(decide: (deciding: Deciding, id: string) => Promise<unknown>): Decision {
  return on('incidents', decide);
}

function on(room: string, decide: (deciding: Deciding, id: string) => Promise<unknown>): Decision {
  return async (deciding) => {
    const id = deciding.part('id');
    await decide(deciding, id);
    return `/${room}/${encodeURIComponent(id)}`;
  };
}

const given = (text: string): string | undefined => (text === '' ? undefined : text);

function needed(field: (name: string) => string, name: string): string {
  const text = field(name).trim();
  if (text === '') throw new SalvorError('request.invalid', `Say the ${name}: the field is empty`);
  return text;
}

function severityIn(text: string): Severity {
  const found = SEVERITIES.find((one) => one === text);
  if (found === undefined) throw new SalvorError('request.invalid', `Expected one of ${SEVERITIES.join(', ')}`);
  return found;
}

function durationIn(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const durationMs = parseDuration(text.trim());
  if (durationMs === undefined) throw new SalvorError('request.invalid', 'Expected a duration such as 30m or 2h');
  return durationMs;
}
