import { z } from 'zod';
import * as incident from '../port/view/incident.ts';
import * as operation from '../port/view/operation.ts';
import * as playbook from '../port/view/playbook.ts';
import * as run from '../port/view/run.ts';
import { EntryView } from '../port/view/shape.ts';
import type { Endpoint } from './api/endpoint.ts';
import { ProblemBody } from './problem.ts';

type Schema = { readonly [key: string]: unknown };

/** Shapes with a name of their own in the description. */
const NAMED: readonly (readonly [string, z.ZodType])[] = [
  ['Problem', ProblemBody],
  ['Entry', EntryView],
  ['RunSummary', run.RunSummary],
  ['Run', run.RunView],
  ['RunPage', run.RunPage],
  ['Plan', run.PlanView],
  ['Pressed', run.Pressed],
  ['Started', run.Started],
  ['DryRun', run.DryRun],
  ['IncidentSummary', incident.IncidentSummary],
  ['Incident', incident.IncidentView],
  ['IncidentPage', incident.IncidentPage],
  ['Told', incident.Told],
  ['Change', incident.Change],
  ['PlaybookSummary', playbook.PlaybookSummary],
  ['Playbook', playbook.PlaybookView],
  ['PlaybookList', playbook.PlaybookList],
  ['Ledger', operation.Ledger],
  ['LockList', operation.LockList],
  ['PauseList', operation.PauseList],
  ['QuarantinePage', operation.QuarantinePage],
  ['AuditReport', operation.AuditReport],
  ['AuditLine', operation.AuditLine],
  ['StoreCopy', operation.StoreCopy],
  ['StoreHealth', operation.StoreHealth],
];

/** The description of the API, made of the very schemas that read its requests and document its answers. */
export function openapi(endpoints: readonly Endpoint[], version: string): Schema {
  const paths = new Map<string, Record<string, Schema>>();
  for (const one of endpoints) {
    const methods = paths.get(one.path) ?? {};
    methods[one.method] = operationOf(one);
    paths.set(one.path, methods);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Salvor', version, description: 'Answers Alertmanager alerts about Kubernetes disaster recovery. Times are milliseconds since 1970.' },
    servers: [{ url: '/' }],
    security: [{ person: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: namedSchemas(),
      securitySchemes: { person: { type: 'http', scheme: 'bearer', description: 'The token of a person of the configuration' } },
    },
  };
}

function operationOf({ method, path, summary, access, query, body, headers, answers }: Endpoint): Schema {
  const inPath = [...path.matchAll(/\{([A-Za-z]+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const inHeaders = headers.map((one) => ({ name: one.name, in: 'header', description: one.summary, schema: { type: 'string' } }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, field]) => ({ name, in: 'query', ...parameterOf(field) }));
  const mustSay = access === 'person' ? [] : [{}];
  return {
    operationId: operationId(method, path),
    summary,
    ...(access === 'person' ? {} : { security: [...mustSay, { person: [] }] }),
    parameters: [...inPath, ...inQuery, ...inHeaders],
    ...(body === undefined
      ? {}
      : { requestBody: { required: !body.safeParse({}).success, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } }),
    responses: { ...responsesOf(answers), default: { description: 'A problem', content: { 'application/problem+json': { schema: ref('Problem') } } } },
  };
}

function responsesOf(answers: Endpoint['answers']): Record<string, Schema> {
  const byStatus = new Map<number, Map<string, Schema>>();
  for (const { status, schema, contentType = 'application/json' } of answers) {
    const content = byStatus.get(status) ?? new Map<string, Schema>();
    byStatus.set(status, content.set(contentType, { schema: answerSchema(schema) }));
  }
  if (byStatus.size === 0) return { 200: { description: 'OK', content: { 'application/json': { schema: { type: 'object' } } } } };
  return Object.fromEntries(
    [...byStatus].map(([status, content]) => [status, { description: DESCRIPTIONS.get(status) ?? 'OK', content: Object.fromEntries(content) }]),
  );
}

const DESCRIPTIONS: ReadonlyMap<number, string> = new Map([
  [200, 'Done'],
  [201, 'Created'],
  [202, 'Recorded, and not read yet'],
]);

function parameterOf(field: unknown): Schema {
  if (!(field instanceof z.ZodType)) return { schema: {} };
  const { description, ...schema } = jsonSchema(field, 'input');
  return { required: !field.safeParse(undefined).success, ...(description === undefined ? {} : { description }), schema };
}

function answerSchema(schema: z.ZodType): Schema {
  const name = NAMED.find(([, one]) => one === schema)?.[0];
  if (name !== undefined) return ref(name);
  if (schema instanceof z.ZodUnion) return { anyOf: schema.options.flatMap((option) => (option instanceof z.ZodType ? [answerSchema(option)] : [])) };
  return jsonSchema(schema, 'output');
}

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function namedSchemas(): Schema {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of NAMED) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema: made }) => void delete made.readOnly,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)]));
}

/** Requests are described as they are sent: before any of our transforms. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  return plain(z.toJSONSchema(schema, { io, unrepresentable: 'any', override: ({ jsonSchema: made }) => void delete made.readOnly }));
}

/** Without what belongs to a document of its own. */
function plain(schema: object): Schema {
  const { $schema: _schema, $id: _id, ...rest } = { $schema: undefined, $id: undefined, ...schema };
  return rest;
}

/** `post /api/v1/runs/{id}/approve` as `postRunsIdApprove`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\/v1\//, '').split(/[^A-Za-z]+/);
  return (
    method +
    words
      .filter((word) => word !== '')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join('')
  );
}
