import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { objectAt, textAt } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { isAllowed, type Rule, USER } from '../rights.ts';
import { type Answer, badRequest } from '../status.ts';
import type { Server } from './context.ts';

/** What a caller may ask about himself. Always allowed to ask; nothing is kept. */
export function review(server: Server, request: ApiRequest): Answer {
  const { kind, body } = request;
  if (!isObject(body)) return badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`);
  const spec = objectAt(body, 'spec');
  server.record.note(request, textAt(spec, 'resourceAttributes', 'resource'), false);
  const answered = (status: Json): Answer => ({
    code: 201,
    body: { kind: kind.kind, apiVersion: kind.apiVersion, metadata: {}, ...(body['spec'] === undefined ? {} : { spec }), status },
  });
  switch (kind.kind) {
    case 'SelfSubjectAccessReview':
      return answered(access(server.rules(), spec));
    case 'SelfSubjectRulesReview':
      return answered(rulesIn(server.rules(), textAt(spec, 'namespace')));
    default:
      return answered({ userInfo: { username: USER, groups: ['system:serviceaccounts', 'system:serviceaccounts:salvor', 'system:authenticated'] } });
  }
}

/** SelfSubjectAccessReview: may the caller do this? */
function access(rules: readonly Rule[] | undefined, spec: JsonObject): JsonObject {
  // What is no resource, such as /healthz, is open to everybody.
  if (!isObject(spec['resourceAttributes'])) return { allowed: true };
  const asked = spec['resourceAttributes'];
  const subresource = textAt(asked, 'subresource');
  const namespace = textAt(asked, 'namespace');
  const allowed = isAllowed(rules, {
    verb: textAt(asked, 'verb'),
    group: textAt(asked, 'group'),
    resource: subresource === '' ? textAt(asked, 'resource') : `${textAt(asked, 'resource')}/${subresource}`,
    ...(namespace === '' ? {} : { namespace }),
  });
  return allowed ? { allowed, reason: `RBAC: allowed by ClusterRoleBinding "salvor" of ClusterRole "salvor" to User "${USER}"` } : { allowed };
}

/** SelfSubjectRulesReview: what may the caller do in a namespace, beside what everybody may? */
function rulesIn(rules: readonly Rule[] | undefined, namespace: string): JsonObject {
  const own = (rules ?? [{ verbs: ['*'], groups: ['*'], resources: ['*'] }]).filter(({ namespaces }) => namespaces?.includes(namespace) ?? true);
  return {
    resourceRules: [
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ...own.map(({ verbs, groups = ['*'], resources }) => ({ verbs, apiGroups: groups, resources })),
    ],
    nonResourceRules: [
      {
        verbs: ['get'],
        nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'],
      },
      { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
    ],
    incomplete: false,
  };
}
