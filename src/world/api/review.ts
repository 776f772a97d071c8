import { isObject } from '../../model/json.ts';
import { objectAt, textAt } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { isAllowed, USER } from '../rights.ts';
import { type Answer, badRequest } from '../status.ts';
import type { Server } from './context.ts';

/** SelfSubjectAccessReview: may the caller do this? Always allowed to ask; nothing is kept. */
export function accessReview(server: Server, request: ApiRequest): Answer {
  const { body } = request;
  if (!isObject(body)) return badRequest('the object provided is unrecognized (must be of type SelfSubjectAccessReview)');
  const asked = objectAt(body, 'spec', 'resourceAttributes');
  const subresource = textAt(asked, 'subresource');
  const namespace = textAt(asked, 'namespace');
  const allowed = isAllowed(server.rules(), {
    verb: textAt(asked, 'verb'),
    group: textAt(asked, 'group'),
    resource: subresource === '' ? textAt(asked, 'resource') : `${textAt(asked, 'resource')}/${subresource}`,
    ...(namespace === '' ? {} : { namespace }),
  });
  server.record.note(request, textAt(asked, 'resource'), false);
  const status = allowed ? { allowed, reason: `RBAC: allowed by ClusterRoleBinding "salvor" of ClusterRole "salvor" to User "${USER}"` } : { allowed };
  return { code: 201, body: { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: objectAt(body, 'spec'), status } };
}
