import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import { KubeObject } from '../model/object.ts';
import type { ListObjects } from '../port/kube.ts';
import { type Discovery } from './discovery.ts';
import { collectionPath } from './path.ts';
import type { Wire } from './request.ts';

/** What a list answers: every object of every page, and the version from which a watch goes on without a gap. */
export type Listed = { readonly objects: readonly KubeObject[]; readonly resourceVersion: string };

const Page = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().optional(), continue: z.string().optional() }),
  items: z.array(z.looseObject({})).nullable(),
});

const PAGE_SIZE = 500;

export type ListDeps = { readonly cluster: string; readonly wire: Wire; readonly discovery: Discovery; readonly listDeadlineMs: number };

/** Lists a whole collection page by page. A continue token that expired (410) starts it again, once. */
export async function listObjects({ cluster, wire, discovery, listDeadlineMs }: ListDeps, query: ListObjects, signal?: AbortSignal): Promise<Listed> {
  const resource = await discovery.demand(query);
  const allPages = async (): Promise<Listed> => {
    const objects: KubeObject[] = [];
    let resourceVersion: string | undefined;
    let token: string | undefined;
    do {
      const body = await wire.send({
        method: 'GET',
        path: collectionPath(resource, query.namespace),
        query: { ...selectors(query), limit: String(PAGE_SIZE), continue: token },
        deadlineMs: listDeadlineMs,
        ...(signal === undefined ? {} : { signal }),
      });
      const page = parsePage(cluster, body);
      for (const one of page.items ?? []) objects.push(parseEntry({ cluster, query, one }));
      resourceVersion ??= page.metadata.resourceVersion;
      token = page.metadata.continue;
    } while (token);
    return { objects, resourceVersion: resourceVersion ?? '' };
  };
  try {
    return await allPages();
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    if (error.code === 'kube.expired') return allPages();
    // The kind was served once, and now its path is not: its CRD was removed.
    if (error.details['unknownPath'] === true) discovery.forget(query.apiVersion);
    throw error;
  }
}

/** The selectors of a list or watch as query parameters. */
export function selectors(query: ListObjects): { readonly labelSelector: string | undefined; readonly fieldSelector: string | undefined } {
  return { labelSelector: query.labelSelector, fieldSelector: query.fieldSelector };
}

function parsePage(cluster: string, body: string): z.infer<typeof Page> {
  const page = Page.safeParse(parseJson(body));
  if (!page.success) throw new SalvorError('kube.unavailable', `${cluster}: the answer is not a Kubernetes list`, { retry: 'later' });
  return page.data;
}

/** Objects inside a list of a built-in kind carry neither apiVersion nor kind. */
function parseEntry({ cluster, query, one }: { readonly cluster: string; readonly query: ListObjects; readonly one: object }): KubeObject {
  const object = KubeObject.safeParse({ apiVersion: query.apiVersion, kind: query.kind, ...one });
  if (!object.success) throw new SalvorError('kube.unavailable', `${cluster}: a ${query.kind} in the list is not a Kubernetes object`, { retry: 'later' });
  return object.data;
}
