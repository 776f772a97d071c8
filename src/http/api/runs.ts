import { z } from 'zod';
import { defined } from '../../model/defined.ts';
import type { Commands } from '../../port/commands.ts';
import { LockList } from '../../port/view/operation.ts';
import { Pressed, RunPage, RunView } from '../../port/view/run.ts';
import { AnyJson } from '../../port/view/shape.ts';
import { type Endpoint, endpoint, json, pressed } from './endpoint.ts';
import { Confirmation, Paging, Reason, Several } from './fields.ts';

const PRESSED = [
  { status: 200, schema: Pressed },
  { status: 202, schema: Pressed },
];

/** Runs: looking at them, deciding about them. */
export function runEndpoints(commands: Commands): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/runs',
      summary: 'Runs, newest first',
      access: 'read',
      query: z.strictObject({
        state: Several.describe('One or more states, separated by commas'),
        target: z.string().max(500).optional(),
        playbook: z.string().max(200).optional(),
        cluster: z.string().max(200).optional(),
        incident: z.string().max(200).optional(),
        open: z.enum(['true', 'false']).optional(),
        ...Paging,
      }),
      answers: [{ status: 200, schema: RunPage }],
      handle: async ({ caller, query }) =>
        json(await commands.runs(caller, defined({ ...query, open: query.open === undefined ? undefined : query.open === 'true' }))),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/runs/{id}',
      summary: 'A run with its plan, approvals and journal',
      access: 'read',
      answers: [{ status: 200, schema: RunView }],
      handle: async ({ caller, part }) => json(await commands.run(caller, part('id'))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/approve',
      summary: 'Approve exactly this plan; a repeat changes nothing',
      access: 'person',
      body: z.strictObject({
        plan: z.string().min(8).max(64).describe('The digest, or its first 8 characters or more'),
        confirmation: Confirmation,
        breakGlass: Reason.optional().describe('Why the emergency rule is used: it is told, audited, and calls somebody'),
      }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.approve(caller, part('id'), defined(body))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/withdraw',
      summary: 'Take your own approval back, as long as nothing was begun',
      access: 'person',
      answers: PRESSED,
      handle: async ({ caller, part }) => pressed(await commands.withdraw(caller, part('id'))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/hold',
      summary: 'Keep a proposal from starting, and its time from running out, until somebody releases it',
      access: 'person',
      body: z.strictObject({ reason: Reason }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.hold(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/release',
      summary: 'Release a proposal that is held: it goes on where it stood',
      access: 'person',
      answers: PRESSED,
      handle: async ({ caller, part }) => pressed(await commands.release(caller, part('id'))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/reject',
      summary: 'Reject the plan',
      access: 'person',
      body: z.strictObject({ reason: Reason }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.reject(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/cancel',
      summary: 'Stop: the request in flight finishes, nothing more is written, and what was done is undone',
      access: 'person',
      body: z.strictObject({ keep: z.boolean().optional().describe('Undo only what must always be undone'), reason: Reason.optional() }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.cancel(caller, part('id'), defined(body))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/answers/{ask}',
      summary: 'Answer a question of the run',
      access: 'person',
      body: z
        .strictObject({ value: AnyJson, confirmation: Confirmation })
        .refine(({ value }) => value !== undefined, { path: ['value'], error: 'expected an answer' }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.answer(caller, part('id'), defined({ ...body, ask: part('ask') }))),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/settle',
      summary: 'Say whether a step with an unknown outcome happened',
      access: 'person',
      body: z.strictObject({ step: z.string().min(1).max(200), as: z.enum(['done', 'not-done']) }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.settle(caller, part('id'), body)),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/runs/{id}/supersede',
      summary: 'Take over: end the run, or write off an undo that fails',
      access: 'person',
      body: z.strictObject({ reason: Reason }),
      answers: PRESSED,
      handle: async ({ caller, part, body }) => pressed(await commands.supersede(caller, part('id'), body)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/locks',
      summary: 'Who holds what since when, and who waits',
      access: 'read',
      answers: [{ status: 200, schema: LockList }],
      handle: async ({ caller }) => json(await commands.locks(caller)),
    }),
  ];
}
