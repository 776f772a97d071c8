import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import type { Wire } from './request.ts';

/** How one kind is served: `apps/v1` `Deployment` is the resource `deployments`, namespaced. */
export type Resource = { readonly apiVersion: string; readonly plural: string; readonly namespaced: boolean };

export type Discovery = {
  /** Undefined where the cluster does not serve this kind now. */
  find(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** Throws `kube.not-found` where the cluster does not serve this kind now. */
  demand(of: { readonly apiVersion: string; readonly kind: string }): Promise<Resource>;
  /** Forgets a group and version after the server said that a path of it does not exist: its CRD was removed. */
  forget(apiVersion: string): void;
};

const ResourceList = z.looseObject({ resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })).nullable() });

/** `v1`, `apps/v1`, `velero.io/v1`: what may stand in a path. */
const API_VERSION = /^(?:[a-z0-9][-a-z0-9.]{0,252}\/)?v[0-9][a-z0-9]{0,62}$/;

/** Kinds by group and version, kept for the life of the cluster's connection; asked again on a miss, since a CRD can appear later. */
export function discoverKinds({ cluster, wire }: { readonly cluster: string; readonly wire: Wire }): Discovery {
  const known = new Map<string, ReadonlyMap<string, Resource>>();
  const asking = new Map<string, Promise<ReadonlyMap<string, Resource>>>();

  const ask = async (apiVersion: string): Promise<ReadonlyMap<string, Resource>> => {
    try {
      const served = parse(apiVersion, await wire.send({ method: 'GET', path: apiPath(apiVersion) }));
      known.set(apiVersion, served);
      return served;
    } catch (error) {
      if (!(error instanceof SalvorError) || error.code !== 'kube.not-found') throw error;
      known.delete(apiVersion);
      return new Map();
    } finally {
      asking.delete(apiVersion);
    }
  };

  const parse = (apiVersion: string, body: string): ReadonlyMap<string, Resource> => {
    const list = ResourceList.safeParse(parseJson(body));
    if (!list.success) throw new SalvorError('kube.unavailable', `${cluster}: ${apiVersion} is not answered by an API server`, { retry: 'later' });
    // Names with a slash are subresources (`pods/log`), whose kind may be another one.
    const resources = (list.data.resources ?? []).filter(({ name }) => !name.includes('/'));
    return new Map(resources.map(({ name, kind, namespaced }) => [kind, { apiVersion, plural: name, namespaced }]));
  };

  const find: Discovery['find'] = async (apiVersion, kind) => {
    if (!API_VERSION.test(apiVersion)) throw new SalvorError('kube.invalid', `${cluster}: "${apiVersion.slice(0, 100)}" is not an API version`);
    const hit = known.get(apiVersion)?.get(kind);
    if (hit !== undefined) return hit;
    const answer = asking.get(apiVersion) ?? ask(apiVersion);
    asking.set(apiVersion, answer);
    return (await answer).get(kind);
  };

  return {
    find,
    async demand({ apiVersion, kind }) {
      const resource = await find(apiVersion, kind);
      if (resource !== undefined) return resource;
      throw new SalvorError('kube.not-found', `${cluster}: does not serve ${apiVersion} ${kind}`, { details: { unknownKind: true } });
    },
    forget(apiVersion) {
      known.delete(apiVersion);
    },
  };
}

/** The root of a group and version: the core group lives apart. */
export function apiPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
