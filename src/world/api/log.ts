import { theKind } from '../kinds.ts';
import { listAt, textAt } from '../object.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, badRequest, failure, notFound } from '../status.ts';
import type { Server } from './context.ts';

const POD = theKind('v1', 'Pod');

/** `pods/log`: asked of the kubelet, so a silent node gives an error, not an empty log. */
export function podLog(server: Server, { namespace, name = '', options }: ApiRequest): Answer {
  const pod = server.objects.find(POD, namespace, name);
  if (pod === undefined) return notFound(POD, name);
  const containers = listAt(pod, 'spec', 'containers').map((one) => textAt(one, 'name'));
  const container = options.container ?? containers[0] ?? '';
  if (options.container === undefined && containers.length > 1) {
    return badRequest(`a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`);
  }
  if (!containers.includes(container)) return badRequest(`container ${container} is not valid for pod ${name}`);
  const lines = server.log(pod, { container, previous: options.previous === true });
  if (lines === undefined) {
    const node = textAt(pod, 'spec', 'nodeName');
    const message = `Get "https://${node}:10250/containerLogs/${namespace}/${name}/${container}": dial tcp: connect: no route to host`;
    return failure({ code: 500, message });
  }
  const shown = options.tailLines === undefined ? lines : options.tailLines === 0 ? [] : lines.slice(-options.tailLines);
  return { code: 200, body: shown.map((line) => `${line}\n`).join('') };
}
