import { z } from 'zod';
import type { Catalog } from '../src/action/catalog.ts';
import type { Action } from '../src/action/contract.ts';
import { paramWords, riskOf, stageLines, startsBy } from '../src/cli/playbook-words.ts';
import { configJsonSchema, type Site } from '../src/config.ts';
import { formatDuration } from '../src/model/duration.ts';
import type { Playbook } from '../src/model/playbook.ts';
import { actionsOf } from '../src/playbook/uses.ts';

/** The generated pages of `docs/`, as text: what the shipped playbooks and actions say about themselves. */

const NOTE = '<!-- Made by scripts/generate-docs.ts; edits are lost. -->';

/** `docs/playbooks.md` */
export function playbooksPage({ playbooks, catalog }: Pick<Site, 'playbooks' | 'catalog'>): string {
  const rows = playbooks.map((playbook) => [
    `[${playbook.id}](#${playbook.id})`,
    riskOf(playbook, catalog),
    startsBy(playbook).join(', ') || 'by hand',
    playbook.summary,
  ]);
  const parts = [
    '# Playbooks',
    NOTE,
    `${playbooks.length} playbooks are shipped. Who is asked is what the default policy says; \`salvor playbook ID\` shows it for your own configuration.`,
    table(['playbook', 'risk', 'started by', 'what it does'], rows),
    ...playbooks.flatMap((playbook) => onePlaybook(playbook, catalog)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function onePlaybook(playbook: Playbook, catalog: Catalog): readonly string[] {
  const { objective, match, aliases, params } = playbook;
  const points = [
    `risk: ${riskOf(playbook, catalog)}; target: ${code(playbook.target.from)}; file: ${code(`playbooks/${playbook.id}.yaml`)}`,
    `started by: ${startsBy(playbook).map(code).join(', ') || 'hand'}${aliases.length === 0 ? '' : ` (also ${aliases.map(code).join(', ')})`}`,
  ];
  if (match.length > 0) points.push(`answers: ${match.map(code).join(' and ')}`);
  const times = [
    ...(objective.rto === undefined ? [] : [`RTO ${formatDuration(objective.rto)}`]),
    ...(objective.rpo === undefined ? [] : [`RPO ${formatDuration(objective.rpo)}`]),
  ];
  if (times.length > 0) points.push(`objective: ${times.join(', ')}`);
  if (playbook.storm !== undefined)
    points.push(`storm: ${playbook.storm.atLeast} runs within ${formatDuration(playbook.storm.within)} start ${code(playbook.storm.start)} instead`);
  for (const { action } of playbook.diagnose) points.push(`diagnosis: ${code(action)}, ${catalog.get(action)?.summary ?? ''}`);

  const rows = Object.entries(params).map(([name, param]) => [code(name), paramWords(param), param.summary ?? '']);
  const stages = playbook.stages.map((stage) => [`**${stage.id}**`, ...stageLines(stage, { catalog }).map((line) => `- ${plain(line)}`)].join('\n'));
  return [
    `## ${playbook.id}`,
    plain(playbook.summary),
    points.map((point) => `- ${point}`).join('\n'),
    ...(rows.length === 0 ? [] : [table(['parameter', 'value', 'meaning'], rows)]),
    ...stages,
  ];
}

/** `docs/handlers.md` */
export function handlersPage({ playbooks, catalog }: Pick<Site, 'playbooks' | 'catalog'>): string {
  const actions = catalog.all();
  const rows = actions.map((action) => [`[${action.id}](#${anchor(action.id)})`, action.kind, riskWord(action), action.summary]);
  const parts = [
    '# Actions',
    NOTE,
    `${actions.length} actions are shipped, one file each in \`handlers/\`. A site adds its own beside them: a TypeScript or JavaScript file that exports one action and imports \`salvor/action\`.`,
    table(['action', 'kind', 'risk', 'what it does'], rows),
    ...actions.flatMap((action) => oneAction(action, playbooks)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function oneAction(action: Action, playbooks: readonly Playbook[]): readonly string[] {
  const users = playbooks.filter((playbook) => actionsOf(playbook).includes(action.id)).map(({ id }) => `[${id}](playbooks.md#${id})`);
  const points = [
    `kind: ${action.kind}; risk: ${riskWord(action)}; file: ${code(`handlers/${action.id.replaceAll('.', '-')}.ts`)}`,
    `needs: ${action.needs.map(code).join(', ') || 'nothing'}`,
    ...(action.everywhere?.needs === undefined ? [] : [`needs in every namespace: ${action.everywhere.needs.map(code).join(', ')}`]),
    ...(action.offByDefault === undefined
      ? []
      : [`off by default: ${action.offByDefault.map(code).join(', ')}; ${code(`salvor rbac --with ${action.id}`)} gives it`]),
    ...(action.optional === undefined ? [] : [`knows more with: ${action.optional.map(code).join(', ')}`]),
    ...(action.everywhere?.optional === undefined ? [] : [`knows more with, in every namespace: ${action.everywhere.optional.map(code).join(', ')}`]),
    `used by: ${users.join(', ') || 'no shipped playbook'}`,
  ];
  if (action.kind === 'remediation')
    points.push(typeof action.rollback === 'function' ? 'can be undone' : `cannot be undone: ${plain(action.rollback.impossible)}`);
  const gives = action.kind === 'remediation' ? action.result : action.kind === 'finder' ? undefined : action.facts;
  return [
    `## ${action.id}`,
    plain(action.summary),
    points.map((point) => `- ${point}`).join('\n'),
    ...fields('parameter', action.params, 'input'),
    ...(gives === undefined ? [] : fields(action.kind === 'remediation' ? 'result' : 'fact', gives, 'output')),
  ];
}

/** `docs/configuration.md` */
export function configurationPage(): string {
  const rows = [...settings(configJsonSchema(), '')].map(([name, { schema, required }]) => [
    code(name),
    typeWord(schema),
    required ? 'required' : schema.default === undefined ? '' : code(JSON.stringify(schema.default)),
    schema.description ?? '',
  ]);
  const text = [
    'One strict file: a name that is not here is refused, with the nearest one that is. `SALVOR_CONFIG` names it; without, it is `salvor.yaml`.',
    'A file with only `clusters` starts. Relative paths are taken from the folder of the file. Durations are written `30s`, `15m`, `4h`, `90d`; sizes `16MiB`; rates `3/h`.',
    'Secrets are never in the file: `{ env: NAME }` names a variable, `{ file: PATH }` a file that is read again when it changes.',
  ].join('\n');
  return `${['# Configuration', NOTE, text, table(['setting', 'type', 'default', 'meaning'], rows)].join('\n\n')}\n`;
}

type Schema = z.core.JSONSchema.BaseSchema;
type Field = { readonly schema: Schema; readonly required: boolean };

/** Every setting by its path: `clusters[].name`, `roles.<name>`; of alternatives (kinds, modes) the settings of each, with its name in front. */
function settings(schema: Schema, path: string): ReadonlyMap<string, Field> {
  const found = new Map<string, Field>();
  const options = (schema.anyOf ?? schema.oneOf ?? [schema]).filter((one) => one.type === 'object' || one.type === 'array');
  if (options.every(isSecret) && options.length > 0) return found;
  const names = options.length > 1 ? options.map(kindOf) : [];
  for (const { properties = {}, required = [], additionalProperties, items } of options) {
    for (const [name, field] of Object.entries(properties)) {
      if (typeof field === 'boolean') continue;
      const at = path === '' ? name : `${path}.${name}`;
      const { const: only, description, ...rest } = field;
      const having = options.filter((one) => Object.hasOwn(one.properties ?? {}, name));
      const meaning = having.length < options.length ? `(${having.map(kindOf).join(', ')}) ${description ?? ''}` : description;
      const shown: Schema =
        only === undefined || names.length === 0 ? { ...field, description: meaning ?? '' } : { ...rest, enum: names, description: 'Which of these.' };
      found.set(at, { schema: shown, required: required.includes(name) });
      for (const [inner, one] of settings(field, at)) found.set(inner, one);
    }
    const more = typeof additionalProperties === 'object' ? [[`${path}.<name>`, additionalProperties] as const] : [];
    const inList = typeof items === 'object' && !Array.isArray(items) ? [[`${path}[]`, items] as const] : [];
    for (const [at, one] of [...more, ...inList]) for (const [inner, field] of settings(one, at)) found.set(inner, field);
  }
  return found;
}

/** What tells one alternative from the others: the one value of its `kind` or `mode`. */
function kindOf({ properties = {} }: Schema): string {
  const values = Object.values(properties).flatMap((field) => (typeof field === 'object' && typeof field.const === 'string' ? [field.const] : []));
  return values[0] ?? '';
}

function isSecret({ properties }: Schema): boolean {
  const [name, ...others] = Object.keys(properties ?? {});
  return others.length === 0 && (name === 'env' || name === 'file');
}

function riskWord(action: Action): string {
  return action.kind === 'remediation' ? action.risk : 'read';
}

function fields(head: string, schema: z.ZodType, io: 'input' | 'output'): readonly string[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const rows = Object.entries(properties).map(([name, field]) => {
    const shown = typeof field === 'boolean' ? {} : field;
    return [
      code(name),
      typeWord(shown),
      required.includes(name) ? 'always' : shown.default === undefined ? 'optional' : `default ${code(JSON.stringify(shown.default))}`,
      shown.description ?? '',
    ];
  });
  return rows.length === 0 ? [] : [table([head, 'type', 'given', 'meaning'], rows)];
}

function typeWord(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  const options = schema.anyOf ?? schema.oneOf;
  if (options?.every(isSecret)) return 'secret';
  if (options !== undefined) return [...new Set(options.map((one) => typeWord(one)))].join(' or ');
  if (schema.type === 'array') return typeof schema.items === 'object' && !Array.isArray(schema.items) ? `list of ${typeWord(schema.items)}` : 'list';
  return (typeof schema.type === 'string' ? WORDS[schema.type] : undefined) ?? 'anything';
}

const WORDS: { readonly [type: string]: string } = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  object: 'map',
  null: 'nothing',
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** Text of a playbook inside a paragraph: no markup of its own. */
function plain(text: string): string {
  return text.replaceAll(/[<>*_]/g, (found) => `\\${found}`);
}

function anchor(id: string): string {
  return id.replaceAll('.', '');
}
