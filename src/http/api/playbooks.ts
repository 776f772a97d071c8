import { z } from 'zod';
import { defined } from '../../model/defined.ts';
import { SalvorError } from '../../model/error.ts';
import type { Commands } from '../../port/commands.ts';
import { ChoiceList } from '../../port/view/choice.ts';
import { PlaybookExplained } from '../../port/view/explain.ts';
import { PlaybookList, PlaybookView } from '../../port/view/playbook.ts';
import { DryRun, Started } from '../../port/view/run.ts';
import { AnyObject } from '../../port/view/shape.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { Chosen, Reason } from './fields.ts';
import { headerOf } from './incidents.ts';

/** Playbooks: what there is, and starting one. */
export function playbookEndpoints(commands: Commands): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/playbooks',
      summary: 'Every playbook',
      access: 'read',
      answers: [{ status: 200, schema: PlaybookList }],
      handle: async ({ caller }) => json(await commands.playbooks(caller)),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/playbooks/{id}',
      summary: 'A playbook with its parameters, actions, risk and approvals',
      access: 'read',
      answers: [{ status: 200, schema: PlaybookView }],
      handle: async ({ caller, part }) => json(await commands.playbook(caller, part('id'))),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/playbooks/{id}/explain',
      summary: 'Gates as they stand, and who would approve each stage, by which rule; nothing is stored',
      access: 'read',
      query: z.strictObject({ cluster: z.string().max(200).optional().describe('Default: the default cluster') }),
      answers: [{ status: 200, schema: PlaybookExplained }],
      handle: async ({ caller, part, query }) => json(await commands.explainPlaybook(caller, { playbook: part('id'), ...defined(query) })),
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/playbooks/{id}/choices/{param}',
      summary: 'What can be chosen for a parameter, of the live cluster; answers in 1.5 s whatever the cluster does',
      access: 'read',
      query: z.strictObject({
        cluster: z.string().max(200).optional().describe('Default: as where a run is started'),
        typed: z.string().max(200).optional().describe('What fits it comes first; where nothing does, what is nearest'),
        with: Chosen.describe('What is chosen so far, name=value each: of a namespace, its backups'),
        limit: z.coerce.number().int().min(1).max(100).optional().describe('How many at most; default 100'),
      }),
      answers: [{ status: 200, schema: ChoiceList }],
      handle: async ({ caller, part, query: { with: params, ...query } }) =>
        json(await commands.choices(caller, { playbook: part('id'), param: part('param'), params, ...defined(query) })),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/playbooks/{id}/runs',
      summary: 'Start a run by hand, or with dryRun see what it would find and propose',
      access: 'person',
      headers: [{ name: 'Idempotency-Key', summary: 'The same key again gives the same answer and starts nothing' }],
      body: z.strictObject({
        params: AnyObject.default({}).describe('As the playbook’s parameters'),
        reason: Reason,
        cluster: z.string().max(200).optional().describe('Default: the parameter cluster, else the default cluster'),
        dryRun: z.boolean().default(false),
      }),
      answers: [
        { status: 201, schema: Started },
        { status: 200, schema: z.union([Started, DryRun]) },
      ],
      handle: async ({ caller, part, body: { dryRun, ...body }, headers }) => {
        const request = { playbook: part('id'), ...defined({ ...body, idempotencyKey: keyOf(headers) }) };
        if (dryRun) return json(await commands.dryRun(caller, request));
        const started = await commands.startRun(caller, request);
        // An open run that does this already was not created by this request.
        return json(started, started.joined ? 200 : 201);
      },
    }),
  ];
}

function keyOf(headers: Parameters<typeof headerOf>[0]): string | undefined {
  const key = headerOf(headers, 'idempotency-key');
  if (key !== undefined && (key.length === 0 || key.length > 200)) throw new SalvorError('request.invalid', 'Idempotency-Key: expected 1 to 200 characters');
  return key;
}
