import { cut } from '../model/cut.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { type Labels, label } from '../model/label.ts';
import type { Param, Playbook } from '../model/playbook.ts';
import { suggestion } from '../model/problem.ts';
import { type NamespaceScope, outOfScope } from './name-scope.ts';
import { checkValue } from './param-value.ts';

/** Where values of parameters may come from: what a person gave, then the alert, then the site's default, then the playbook's. */
export type ParamSource = {
  readonly cluster: string;
  readonly namespaces: NamespaceScope;
  readonly labels?: Labels;
  /** What a finder found; absent while it has not looked yet: parameters that need it are left out. */
  readonly found?: JsonObject;
  readonly given?: JsonObject;
  /** Of the configuration, for this playbook. */
  readonly defaults?: JsonObject;
};

export type ParamProblem = {
  readonly param: string;
  /** What was found, where it came from, what would be right. */
  readonly text: string;
};

export type ReadParams = { readonly ok: true; readonly params: JsonObject } | { readonly ok: false; readonly problems: readonly ParamProblem[] };

/** So many names that no parameter has are told; there may be as many as fit into a request. */
const MOST_UNKNOWN = 10;

/** The parameters of one start of a playbook, each checked by its type. Text from alerts and people goes no further than this unchecked. */
export function readParams(playbook: Pick<Playbook, 'params'>, source: ParamSource): ReadParams {
  const problems: ParamProblem[] = [];
  const params = new Map<string, Json>();
  const known = Object.keys(playbook.params);
  const unknown = Object.keys(source.given ?? {}).filter((name) => !known.includes(name));
  for (const name of unknown.slice(0, MOST_UNKNOWN).map((one) => cut(one, 80)))
    problems.push({ param: name, text: `the playbook has no parameter ${name}.${suggestion(name, known)}` });
  for (const [name, param] of Object.entries(playbook.params)) {
    const read = readParam(name, param, source);
    if ('problem' in read) problems.push({ param: name, text: read.problem });
    else if (read.value !== undefined) params.set(name, read.value);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, params: Object.fromEntries(params) };
}

/** Problems as one line for people. */
export function problemsText(problems: readonly ParamProblem[]): string {
  return problems.map(({ param, text }) => `${param}: ${text}`).join('; ');
}

type Origin = { readonly value: Json; readonly origin: string };

function readParam(name: string, param: Param, source: ParamSource): { readonly value?: Json } | { readonly problem: string } {
  const origin = originOf(name, param, source);
  if (origin === undefined) {
    const awaitsFinder = source.found === undefined && param.from?.startsWith('found.') === true;
    return param.optional || awaitsFinder ? {} : { problem: missing(param) };
  }
  const checked = checkValue(param, origin.value);
  if ('expected' in checked) return { problem: `found ${shown(origin.value)} (${origin.origin}), expected ${checked.expected}` };
  const outside = namespaceProblem(param, checked.value, source.namespaces);
  return outside === undefined ? { value: checked.value } : { problem: `${outside} (${origin.origin})` };
}

function originOf(name: string, param: Param, source: ParamSource): Origin | undefined {
  const given = own(source.given, name);
  if (given !== undefined) return { value: given, origin: 'given' };
  const from = fromPath(param, source);
  if (from !== undefined) return from;
  const site = own(source.defaults, name);
  if (site !== undefined) return { value: site, origin: "the configuration's default" };
  return param.default === undefined || param.default === null ? undefined : { value: param.default, origin: "the playbook's default" };
}

function fromPath(param: Param, source: ParamSource): Origin | undefined {
  const path = param.from ?? '';
  if (path.startsWith('alert.labels.')) {
    const labelName = path.slice('alert.labels.'.length);
    const value = label(source.labels ?? [], labelName);
    if (value === undefined || value === '') return undefined;
    return { value: withNamespace(param, value, source), origin: `the alert's label ${labelName}` };
  }
  const value = path.startsWith('found.') ? own(source.found, path.slice('found.'.length)) : path === 'run.cluster' ? source.cluster : undefined;
  return value === undefined ? undefined : { value, origin: path };
}

/** Alerts about a pod or a volume carry its namespace in a label of its own. */
function withNamespace(param: Param, value: string, source: ParamSource): string {
  const namespace = label(source.labels ?? [], 'namespace');
  return (param.type === 'volume' || param.type === 'pod') && !value.includes('/') && namespace !== undefined ? `${namespace}/${value}` : value;
}

function own(values: JsonObject | undefined, name: string): Json | undefined {
  const value = values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  return value === null ? undefined : value;
}

function missing({ from, type }: Param): string {
  const origin = from?.startsWith('alert.labels.')
    ? `the alert has no label ${from.slice('alert.labels.'.length)}`
    : from === undefined
      ? 'none was given'
      : `nothing is at ${from}`;
  return `missing, expected a ${type}: ${origin}`;
}

/** A namespace, or the namespace that a name such as velero/daily begins with. */
function namespaceProblem(param: Param, value: Json, scope: NamespaceScope): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (param.type === 'namespace') return outOfScope(value, scope);
  const [namespace = '', name] = value.split('/');
  return NAMESPACED.includes(param.type) && name !== undefined ? outOfScope(namespace, scope) : undefined;
}

const NAMESPACED: readonly Param['type'][] = ['pod', 'volume', 'schedule', 'backup', 'restore', 'storage-location'];

function shown(value: Json): string {
  return cut(JSON.stringify(value), 80);
}
