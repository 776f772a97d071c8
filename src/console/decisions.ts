import { defined } from '../model/defined.ts';
import { parseDuration } from '../model/duration.ts';
import { SalvorError } from '../model/error.ts';
import type { Severity } from '../model/policy.ts';
import { parseUntil, UNTIL_WORDS } from '../model/until.ts';
import type { Form } from './form.ts';
import type { Page } from './layout.ts';
import type { Looking } from './looking.ts';
import { dryRunPage } from './page/dry-run.ts';
import { playbookView } from './page/playbooks.ts';

type Deciding = Looking & { readonly form: Form };

export type Decision = {
  /** The page that the form is on, and that a refusal is shown on. */
  readonly view: string;
  /** Where to go on, or a page that says what came of it. */
  readonly decide: (deciding: Deciding) => Promise<string | Page>;
};

const SEVERITIES: readonly Severity[] = ['SEV1', 'SEV2', 'SEV3'];
const PARAM = 'param.';

/** Every form of the console, by its path. */
export const decisions: ReadonlyMap<string, Decision> = new Map<string, Decision>([
  [
    '/runs/:id/approve',
    on('runs', ({ commands, caller, form: { field } }, id) =>
      commands.approve(caller, id, defined({ plan: field('plan'), confirmation: given(field('confirmation')) })),
    ),
  ],
  [
    '/runs/:id/break-glass',
    on('runs', ({ commands, caller, form }, id) =>
      commands.approve(caller, id, {
        ...defined({ plan: form.field('plan'), confirmation: given(form.field('confirmation')) }),
        breakGlass: needed(form, 'emergency', 'why this is an emergency'),
      }),
    ),
  ],
  ['/runs/:id/withdraw', on('runs', ({ commands, caller }, id) => commands.withdraw(caller, id))],
  ['/runs/:id/hold', on('runs', ({ commands, caller, form }, id) => commands.hold(caller, id, { reason: needed(form, 'reason') }))],
  ['/runs/:id/release', on('runs', ({ commands, caller }, id) => commands.release(caller, id))],
  ['/runs/:id/reject', on('runs', ({ commands, caller, form }, id) => commands.reject(caller, id, { reason: needed(form, 'reason') }))],
  [
    '/runs/:id/answer',
    on('runs', ({ commands, caller, form: { field } }, id) =>
      commands.answer(caller, id, defined({ ask: field('ask'), value: field('value'), confirmation: given(field('confirmation')) })),
    ),
  ],
  [
    '/runs/:id/settle',
    on('runs', ({ commands, caller, form: { field } }, id) =>
      commands.settle(caller, id, { step: field('step'), as: field('as') === 'done' ? 'done' : 'not-done' }),
    ),
  ],
  [
    '/runs/:id/cancel',
    on('runs', ({ commands, caller, form }, id) => commands.cancel(caller, id, { reason: needed(form, 'reason'), keep: form.field('keep') === 'yes' })),
  ],
  ['/runs/:id/supersede', on('runs', ({ commands, caller, form }, id) => commands.supersede(caller, id, { reason: needed(form, 'reason') }))],
  [
    '/incidents/:id/notes',
    on('incidents', ({ commands, caller, form }, id) =>
      commands.note(caller, id, defined({ text: needed(form, 'text'), idempotencyKey: given(form.field('key')) })),
    ),
  ],
  ['/incidents/:id/lead', on('incidents', ({ commands, caller, form }, id) => commands.lead(caller, id, { lead: needed(form, 'lead') }))],
  [
    '/incidents/:id/communications',
    on('incidents', ({ commands, caller, form }, id) => commands.role(caller, id, { role: 'communications', person: needed(form, 'communications') })),
  ],
  ['/incidents/:id/updates', on('incidents', ({ commands, caller, form }, id) => commands.update(caller, id, { text: needed(form, 'update') }))],
  [
    '/incidents/:id/severity',
    on('incidents', ({ commands, caller, form }, id) => commands.severity(caller, id, { severity: severityIn(form.field('severity')) })),
  ],
  ['/incidents/:id/acknowledge', on('incidents', ({ commands, caller }, id) => commands.acknowledge(caller, id))],
  ['/incidents/:id/close', on('incidents', ({ commands, caller, form }, id) => commands.closeIncident(caller, id, { reason: needed(form, 'reason') }))],
  ['/playbooks/:id/runs', { view: '/playbooks/:id', decide: start }],
  [
    '/pause',
    {
      view: '/operations',
      async decide({ commands, caller, form }) {
        await commands.pause(caller, { ...scopeIn(form), ...defined({ reason: needed(form, 'reason'), forMs: durationIn(form.field('for')) }) });
        return '/operations';
      },
    },
  ],
  [
    '/resume',
    {
      view: '/operations',
      async decide({ commands, caller, form }) {
        await commands.resume(caller, scopeIn(form));
        return '/operations';
      },
    },
  ],
  [
    '/freeze',
    {
      view: '/operations',
      async decide({ commands, caller, seat, form }) {
        const of = { name: needed(form, 'name'), reason: needed(form, 'why'), untilMs: untilIn(needed(form, 'until'), seat.nowMs) };
        await commands.freeze(caller, { ...of, ...defined({ cluster: given(form.field('frozen')) }) });
        return '/operations';
      },
    },
  ],
  [
    '/unfreeze',
    {
      view: '/operations',
      async decide({ commands, caller, form }) {
        await commands.unfreeze(caller, { name: needed(form, 'name'), ...defined({ cluster: given(form.field('cluster')) }) });
        return '/operations';
      },
    },
  ],
]);

async function start(deciding: Deciding): Promise<string | Page> {
  const { commands, caller, seat, part, form } = deciding;
  const { field, names } = form;
  if (field('choices') === 'read') return playbookView(deciding);
  // What was left empty was not given: the playbook's own default counts.
  const params = Object.fromEntries(
    names.flatMap((name) => (name.startsWith(PARAM) && field(name).trim() !== '' ? [[name.slice(PARAM.length), field(name).trim()] as const] : [])),
  );
  const request = { playbook: part('id'), params, reason: needed(form, 'reason'), ...defined({ cluster: given(field('cluster')) }) };
  if (field('dry') === 'yes') return dryRunPage(await commands.dryRun(caller, request), { seat, request });
  const { run } = await commands.startRun(caller, { ...request, ...defined({ idempotencyKey: given(field('key')) }) });
  return `/runs/${encodeURIComponent(run)}`;
}

function on(room: 'runs' | 'incidents', decide: (deciding: Deciding, id: string) => Promise<unknown>): Decision {
  return {
    view: `/${room}/:id`,
    async decide(deciding) {
      const id = deciding.part('id');
      await decide(deciding, id);
      return `/${room}/${encodeURIComponent(id)}`;
    },
  };
}

const given = (text: string): string | undefined => (text === '' ? undefined : text);

/** Absent: all of them. */
function scopeIn({ field }: Form): { readonly cluster?: string; readonly playbook?: string } {
  return defined({ cluster: given(field('cluster')), playbook: given(field('playbook')) });
}

function needed({ field }: Form, name: string, what = `the ${name}`): string {
  const text = field(name).trim();
  if (text === '') throw new SalvorError('request.invalid', `Say ${what}: the field is empty`);
  return text;
}

function severityIn(text: string): Severity {
  const found = SEVERITIES.find((one) => one === text);
  if (found === undefined) throw new SalvorError('request.invalid', `Expected one of ${SEVERITIES.join(', ')}`);
  return found;
}

function untilIn(text: string, nowMs: number): number {
  const untilMs = parseUntil(text, nowMs);
  if (untilMs === undefined) throw new SalvorError('request.invalid', `Expected a time ${UNTIL_WORDS}, found "${text.slice(0, 40)}"`);
  return untilMs;
}

function durationIn(text: string): number | undefined {
  if (text.trim() === '') return undefined;
  const durationMs = parseDuration(text.trim());
  if (durationMs === undefined) throw new SalvorError('request.invalid', `Expected a duration such as 30m or 2h, found "${text.trim().slice(0, 40)}"`);
  return durationMs;
}
