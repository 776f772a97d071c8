import { z } from 'zod';
import { errorCode, SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Access, Prober, Writer } from '../port/kube.ts';
import { fetchSigned } from './download.ts';
import { podPath } from './path.ts';
import type { AccessDeps } from './reader.ts';
import { sharing } from './share.ts';
import { askVelero } from './velero-request.ts';

const Downloadable = z.looseObject({ status: z.looseObject({ downloadURL: z.string() }) });
const Reported = z.looseObject({ status: z.looseObject({ serverVersion: z.string() }) });
const Review = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) });

const DOWNLOAD_WITHIN_MS = 30_000;
const FETCH_MS = 30_000;

type Probing = Pick<Prober, 'download' | 'veleroServer' | 'mayEvict' | 'mayI'>;

/** The four requests that look by asking, and leave nothing behind. `access` makes and removes their objects. */
export function kubeProber(deps: AccessDeps, access: Pick<Writer, 'create' | 'find' | 'delete'>): Probing {
  const { cluster, wire } = deps;
  const asking = { cluster, access, clock: deps.clock, log: deps.log };
  const shared = sharing<boolean>(deps.clock, (allowed) => allowed);

  const isAllowed = async ({ verb, group, resource, namespace, name }: Access): Promise<boolean> => {
    const [plural = resource, subresource] = resource.split('/');
    const attributes = { verb, group, resource: plural, subresource, namespace, name };
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes } };
    const answer = await wire.send({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body, write: false });
    const review = Review.safeParse(parseJson(answer));
    if (!review.success) throw new SalvorError('kube.unavailable', `${cluster}: the answer is not an access review`, { retry: 'later' });
    return review.data.status.allowed;
  };

  return {
    async download({ namespace, kind, name, limitBytes }) {
      const request = { kind: 'DownloadRequest', namespace, spec: { target: { kind, name } }, withinMs: DOWNLOAD_WITHIN_MS } as const;
      const answer = await askVelero(asking, request, async (object) => {
        const ready = Downloadable.safeParse(object);
        if (!ready.success) throw new SalvorError('kube.invalid', `${cluster}: Velero gave no download URL for ${kind} of "${name}"`);
        return { fetched: await fetchSigned(ready.data.status.downloadURL, { limitBytes, deadlineMs: FETCH_MS }) };
      });
      // Velero leaves a request for an unknown backup unanswered, just as it does when it is not running.
      if (answer === undefined)
        throw new SalvorError('kube.timeout', `${cluster}: Velero did not answer the request for ${kind} of "${name}" in time`, { retry: 'later' });
      return answer.fetched;
    },

    async veleroServer({ namespace, withinMs }) {
      return askVelero(asking, { kind: 'ServerStatusRequest', namespace, spec: {}, withinMs }, async (object) => ({
        version: Reported.safeParse(object).data?.status.serverVersion ?? 'unknown',
      }));
    },

    async mayEvict(pod) {
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.name, namespace: pod.namespace }, deleteOptions: { dryRun: ['All'] } };
      try {
        await wire.send({ method: 'POST', path: `${podPath(pod)}/eviction`, query: { dryRun: 'All' }, body, write: false });
        return { allowed: true };
      } catch (error) {
        if (error instanceof SalvorError && error.details['budget'] === true) return { allowed: false, reason: error.message };
        throw error;
      }
    },

    mayI: (asked) =>
      shared(JSON.stringify(asked), async () => {
        if (await isAllowed(asked)) return true;
        // A server that has just started says no to everything, and that it is not ready. Some never let that be asked.
        await wire.send({ method: 'GET', path: '/readyz' }).catch((error: unknown) => {
          if (errorCode(error) !== 'kube.forbidden' && errorCode(error) !== 'kube.not-found') throw error;
        });
        return isAllowed(asked);
      }),
  };
}
