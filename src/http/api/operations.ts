import { z } from 'zod';
import { defined } from '../../model/defined.ts';
import { Duration } from '../../model/duration.ts';
import { SalvorError } from '../../model/error.ts';
import { parseUntil, UNTIL_WORDS } from '../../model/until.ts';
import type { Clock } from '../../port/clock.ts';
import type { Commands } from '../../port/commands.ts';
import { OnCallList } from '../../port/view/on-call.ts';
import { AuditLine, AuditReport, Ledger, PauseList, QuarantinePage, StoreCopy, StoreHealth } from '../../port/view/operation.ts';
import { Posture } from '../../port/view/posture.ts';
import { AnyJson, AnyObject } from '../../port/view/shape.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { Paging, Reason, Since } from './fields.ts';

const Scope = {
  cluster: z.string().max(200).optional().describe('Default: every cluster'),
  playbook: z.string().max(200).optional().describe('Default: every playbook'),
};

/** The switch, the ledger, the audit trail, the quarantine and the store. */
export function operationEndpoints(commands: Commands, clock: Clock): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/ledger',
      summary: 'The account of every alert ever received',
      access: 'read',
      answers: [{ status: 200, schema: Ledger }],
      handle: async ({ caller }) => json(await commands.ledger(caller)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/posture',
      summary: 'How ready each cluster is to be recovered, by what runs found',
      access: 'read',
      answers: [{ status: 200, schema: Posture }],
      handle: async ({ caller }) => json(await commands.posture(caller)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/oncall',
      summary: 'Who is on call now, as the pager last said',
      access: 'read',
      query: z.strictObject({ team: z.string().max(200).optional().describe('Only whom has this in the name') }),
      answers: [{ status: 200, schema: OnCallList }],
      handle: async ({ caller, query }) => json(await commands.onCall(caller, defined(query))),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/pause',
      summary: 'The pauses and freezes in force',
      access: 'read',
      answers: [{ status: 200, schema: PauseList }],
      handle: async ({ caller }) => json(await commands.pauses(caller)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/pause',
      summary: 'Pause: from now on nothing is written',
      access: 'person',
      body: z.strictObject({ reason: Reason, for: Duration.optional().describe('Such as 2h; default: until somebody resumes'), ...Scope }),
      answers: [{ status: 200, schema: PauseList }],
      handle: async ({ caller, body: { for: forMs, ...body } }) => json(await commands.pause(caller, { ...defined(body), ...defined({ forMs }) })),
    }),
    endpoint({
      method: 'delete',
      path: '/api/v1/pause',
      summary: 'Resume',
      access: 'person',
      query: z.strictObject(Scope),
      answers: [{ status: 200, schema: PauseList }],
      handle: async ({ caller, query }) => json(await commands.resume(caller, defined(query))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/freezes',
      summary: 'Freeze: until then nothing but an undo is written; the same name again takes its place',
      access: 'person',
      body: z.strictObject({
        name: z.string().trim().min(1).max(80),
        reason: Reason,
        until: z.string().max(100).describe(`How long, or when it ends: ${UNTIL_WORDS}`),
        cluster: Scope.cluster,
      }),
      answers: [{ status: 200, schema: PauseList }],
      async handle({ caller, body: { until, ...body } }) {
        const untilMs = parseUntil(until, clock.nowMs());
        if (untilMs === undefined) throw new SalvorError('request.invalid', `until: found ${JSON.stringify(until)}, expected a time ${UNTIL_WORDS}`);
        return json(await commands.freeze(caller, { ...defined(body), untilMs }));
      },
    }),
    endpoint({
      method: 'delete',
      path: '/api/v1/freezes/{name}',
      summary: 'End a freeze that was set by hand',
      access: 'person',
      query: z.strictObject({ cluster: Scope.cluster }),
      answers: [{ status: 200, schema: PauseList }],
      handle: async ({ caller, part, query }) => json(await commands.unfreeze(caller, { name: part('name'), ...defined(query) })),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/explain',
      summary: 'What would be done with each alert of a body as Alertmanager sends it; nothing is stored',
      access: 'read',
      query: z.strictObject({ at: Since.describe('As if it came then; default: now') }),
      body: AnyJson,
      answers: [{ status: 200, schema: AnyObject }],
      handle: async ({ caller, query, body }) => json(await commands.explain(caller, { body, ...defined({ atMs: query.at?.(clock.nowMs()) }) })),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/audit',
      summary: 'Whether every journal is as it was written',
      access: 'read',
      answers: [{ status: 200, schema: AuditReport }],
      handle: async ({ caller }) => json(await commands.auditVerify(caller)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/audit/export',
      summary: 'Every journal entry, one JSON text a line',
      access: 'read',
      query: z.strictObject({ since: Since, cluster: Scope.cluster }),
      answers: [{ status: 200, schema: AuditLine, contentType: 'application/jsonl' }],
      handle: ({ caller, query }) => ({
        kind: 'lines',
        lines: commands.auditExport(caller, defined({ sinceMs: query.since?.(clock.nowMs()), cluster: query.cluster })),
      }),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/quarantine',
      summary: 'Alerts that could not be read, newest first',
      access: 'read',
      query: z.strictObject(Paging),
      answers: [{ status: 200, schema: QuarantinePage }],
      handle: async ({ caller, query }) => json(await commands.quarantine(caller, defined(query))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/store/backup',
      summary: 'Write a consistent copy of the store on the server’s own disk',
      access: 'person',
      body: z.strictObject({ file: z.string().min(2).max(4000).describe('An absolute path') }),
      answers: [{ status: 200, schema: StoreCopy }],
      handle: async ({ caller, body }) => json(await commands.storeBackup(caller, body)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/store/check',
      summary: 'Whether the storage itself is sound',
      access: 'read',
      answers: [{ status: 200, schema: StoreHealth }],
      handle: async ({ caller }) => json(await commands.storeCheck(caller)),
    }),
  ];
}
