import { z } from 'zod';
import { canonical, type Json, type JsonObject, parseJson } from '../../../model/json.ts';
import type { KubeObject } from '../../../model/object.ts';
import { flag, object } from '../../lenient.ts';
import { ownersByMark, ownersOf } from './git-ops.ts';

/** How a GitOps program is kept from putting its own state back, and how it is let go again: exactly as it was. */

/** On the owner itself: the step that suspended it, and what its switch was before. */
export const SUSPEND_MARK = 'salvor.io/suspended';

/** The field that is its switch: an Application's automation, or `suspend` of a Kustomization or HelmRelease. */
export type Switch = { readonly field: string; readonly was: Json; readonly is: Json };

const Parts = z.looseObject({
  spec: z
    .looseObject({ suspend: flag, syncPolicy: z.looseObject({ automated: object }).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
});

export const fieldOf = ({ kind }: KubeObject): string => (kind === 'Application' ? 'spec.syncPolicy.automated' : 'spec.suspend');

/** Undefined where it writes nothing by itself now. */
export function switchOf(owner: KubeObject): Switch | undefined {
  const { spec } = Parts.parse(owner);
  if (owner.kind === 'Application') {
    const automated = spec?.syncPolicy?.automated;
    return automated === undefined || automated['enabled'] === false ? undefined : { field: fieldOf(owner), was: automated, is: null };
  }
  return spec?.suspend === true ? undefined : { field: fieldOf(owner), was: spec?.suspend ?? null, is: true };
}

/** A merge patch that sets one field. */
export function setField(field: string, value: Json): JsonObject {
  const [first = '', ...rest] = field.split('.');
  return { [first]: rest.reduceRight<Json>((inner, part) => ({ [part]: inner }), value) };
}

const Mark = z.object({ key: z.string(), was: z.json() });

export const suspendText = (key: string, was: Json): string => canonical({ key, was });

/** What its switch was before this step; undefined where this step did not suspend it. */
export function readSuspension({ metadata }: KubeObject, key: string): { readonly was: Json } | undefined {
  const text = metadata.annotations?.[SUSPEND_MARK];
  const mark = text === undefined ? undefined : Mark.safeParse(parseJson(text)).data;
  return mark?.key === key ? { was: mark.was } : undefined;
}

/** Those of all owners that write into a namespace: by what they aim at, by what its objects say, and the Kustomizations above them, which would wake them. */
export function writersInto(owners: readonly KubeObject[], namespace: string, objects: readonly KubeObject[]): readonly KubeObject[] {
  const marked = new Set(ownersByMark(objects));
  const chosen = owners.filter((owner) => ownersOf([owner], namespace).length > 0 || marked.has(wordsOf(owner)));
  const all = new Set(chosen);
  for (const owner of all) for (const parent of owners.filter((one) => isParent(one, owner))) all.add(parent);
  return [...all].filter((owner) => switchOf(owner) !== undefined);
}

const wordsOf = ({ kind, metadata }: KubeObject): string => `${kind === 'Application' ? 'Argo CD' : 'Flux'} ${kind} ${metadata.name}`;

function isParent({ kind, metadata }: KubeObject, { metadata: { labels = {} } }: KubeObject): boolean {
  const [name, namespace] = [labels['kustomize.toolkit.fluxcd.io/name'], labels['kustomize.toolkit.fluxcd.io/namespace']];
  return kind === 'Kustomization' && metadata.name === name && (namespace === undefined || metadata.namespace === namespace);
}

/** An ApplicationSet makes its Applications again as it wants them. */
export const setOwnerOf = ({ metadata }: KubeObject): string | undefined =>
  (metadata.ownerReferences ?? []).find(({ kind }) => kind === 'ApplicationSet')?.name;
