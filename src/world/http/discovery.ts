import type { Json, JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';

/** The discovery documents and what else clients ask before they know anything. Undefined: no such path. */
export function discovery(path: string, kinds: readonly Kind[]): Json | undefined {
  const [root, group, version, ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === undefined) return VERSION;
  if (root === 'api' && group === undefined) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (root === 'api' && version === undefined) return group === 'v1' ? resourceList(kinds, 'v1') : undefined;
  if (root !== 'apis') return undefined;
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupNames(kinds).map((name) => groupOf(kinds, name)) };
  if (version === undefined) return groupNames(kinds).includes(group) ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(kinds, group) } : undefined;
  return resourceList(kinds, `${group}/${version}`);
}

const VERSION: Json = {
  major: '1',
  minor: '37',
  emulationMajor: '1',
  emulationMinor: '37',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '36',
  gitVersion: 'v1.37.1',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-09-10T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function groupNames(kinds: readonly Kind[]): readonly string[] {
  return [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '');
}

type Group = { readonly name: string; readonly versions: Json; readonly preferredVersion: Json };

function groupOf(kinds: readonly Kind[], name: string): Group {
  const versions = [...new Set(kinds.filter((kind) => kind.group === name).map((kind) => kind.version))].map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] ?? null };
}

function resourceList(kinds: readonly Kind[], groupVersion: string): Json | undefined {
  const own = kinds.filter((kind) => kind.apiVersion === groupVersion);
  if (own.length === 0) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: own.flatMap(resourcesOf) };
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
/** What `kubectl get all` means, and the other category that there is. */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ...['Pod', 'Service', 'Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job', 'CronJob'].map((kind) => [kind, 'all'] as const),
  ['CustomResourceDefinition', 'api-extensions'],
]);
const SUBRESOURCES: ReadonlyMap<string, { readonly kind: string; readonly verbs: readonly string[]; readonly group?: string; readonly version?: string }> =
  new Map([
    ['log', { kind: 'Pod', verbs: ['get'] }],
    ['eviction', { kind: 'Eviction', verbs: ['create'], group: 'policy', version: 'v1' }],
    ['binding', { kind: 'Binding', verbs: ['create'] }],
    ['scale', { kind: 'Scale', verbs: ['get', 'patch', 'update'], group: 'autoscaling', version: 'v1' }],
  ]);

function verbsOf(kind: Kind): readonly string[] {
  if (kind.createOnly) return ['create'];
  return kind.kind === 'Namespace' ? VERBS.filter((verb) => verb !== 'deletecollection') : VERBS;
}

function namesOf({ shortNames, kind }: Kind): JsonObject {
  const category = CATEGORIES.get(kind);
  return { ...(shortNames.length === 0 ? {} : { shortNames }), ...(category === undefined ? {} : { categories: [category] }) };
}

function resourcesOf(kind: Kind): readonly Json[] {
  const { plural: name, singular, namespaced } = kind;
  const main: Json = {
    name,
    singularName: singular,
    namespaced,
    kind: kind.kind,
    verbs: verbsOf(kind),
    ...namesOf(kind),
    ...(kind.createOnly ? {} : { storageVersionHash: Buffer.from(name).toString('base64').slice(0, 12) }),
  };
  const others = kind.subresources.map((sub): Json => {
    const known = SUBRESOURCES.get(sub);
    return { name: `${name}/${sub}`, singularName: '', namespaced, kind: kind.kind, verbs: ['get', 'patch', 'update'], ...known };
  });
  return [main, ...others];
}

/** What a client asks for that wants all of `/api` or `/apis` in one answer. */
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything there is under `/api` or `/apis`, with the media type that says so; undefined where the client asks for something else. */
export function aggregated(path: string, accept: string, kinds: readonly Kind[]): { readonly body: Json; readonly type: string } | undefined {
  if ((path !== '/api' && path !== '/apis') || !accept.includes(AGGREGATED)) return undefined;
  const groups = path === '/api' ? [''] : groupNames(kinds);
  const items = groups.map((group): Json => {
    const own = kinds.filter((kind) => kind.group === group);
    const versions = [...Map.groupBy(own, ({ version }) => version)].map(([version, of]) => ({
      version,
      resources: of.map(described),
      freshness: 'Current',
    }));
    return { metadata: group === '' ? {} : { name: group }, versions };
  });
  return { type: AGGREGATED, body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items } };
}

function described(kind: Kind): Json {
  // The server names the group and version of its own kinds only where they are not those of the path.
  const responseKind = kind.custom ? { group: kind.group, version: kind.version, kind: kind.kind } : { group: '', version: '', kind: kind.kind };
  const subresources = kind.subresources.map((subresource): Json => {
    const { verbs = ['get', 'patch', 'update'], ...known } = SUBRESOURCES.get(subresource) ?? {};
    return { subresource, responseKind: { ...responseKind, ...known }, verbs };
  });
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...namesOf(kind),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

/** The smallest OpenAPI v3 that tells clients: the server checks fields itself. */
export function openApi(path: string, kinds: readonly Kind[]): Json | undefined {
  const [root, three, ...rest] = path.split('/').filter((part) => part !== '');
  if (root !== 'openapi' || three !== 'v3') return undefined;
  const versions = [...new Set(kinds.map((kind) => kind.apiVersion))];
  const pathOf = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`);
  if (rest.length === 0) return { paths: Object.fromEntries(versions.map((one) => [pathOf(one), { serverRelativeURL: `/openapi/v3/${pathOf(one)}` }])) };
  const apiVersion = versions.find((one) => pathOf(one) === rest.join('/'));
  if (apiVersion === undefined) return undefined;
  const paths = kinds
    .filter((kind) => kind.apiVersion === apiVersion)
    .map((kind) => {
      const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
      const inQuery = (name: string): Json => ({ name, in: 'query', schema: { type: 'string' } });
      const operation: Json = {
        operationId: `patch${kind.kind}`,
        'x-kubernetes-group-version-kind': gvk,
        parameters: [inQuery('fieldValidation'), inQuery('dryRun')],
        responses: {},
      };
      return [`/${pathOf(apiVersion)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`, { patch: operation }] as const;
    });
  const schemas = kinds.filter((kind) => kind.apiVersion === apiVersion).map((kind) => [`${kind.group}.${kind.version}.${kind.kind}`, schemaOf(kind)] as const);
  const info = { title: 'Kubernetes', version: 'v1.37.1' };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: Object.fromEntries(schemas) } };
}

/** The fields that every kind has, for `kubectl explain`. */
function schemaOf({ group, version, kind }: Kind): Json {
  const fields = { apiVersion: 'string', kind: 'string', metadata: 'object', spec: 'object', status: 'object' };
  const properties = Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type, description: '' }]));
  return {
    type: 'object',
    description: `${kind}, as the simulated cluster serves it.`,
    properties,
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}
