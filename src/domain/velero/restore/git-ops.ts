import { z } from 'zod';
import type { KubeObject } from '../../../model/object.ts';
import { flag, text } from '../../lenient.ts';

/** Programs that put a namespace's objects back to what a repository says: they would fight a restore, or overwrite it. */

const LABELS: readonly (readonly [label: string, words: string])[] = [
  ['kustomize.toolkit.fluxcd.io/name', 'Flux Kustomization'],
  ['helm.toolkit.fluxcd.io/name', 'Flux HelmRelease'],
];
const ARGO_TRACKING = 'argocd.argoproj.io/tracking-id';
const ARGO_INSTANCE = 'argocd.argoproj.io/instance';

/** `Argo CD Application shop`, `Flux Kustomization apps`: who says that these objects are its own, by name. */
export function ownersByMark(objects: readonly KubeObject[]): readonly string[] {
  const found = objects.flatMap(({ metadata: { labels = {}, annotations = {} } }) => [
    ...LABELS.flatMap(([label, words]) => (labels[label] === undefined ? [] : [`${words} ${labels[label]}`])),
    ...[annotations[ARGO_TRACKING]?.split(':')[0], labels[ARGO_INSTANCE]].flatMap((name) =>
      name === undefined || name === '' ? [] : [`Argo CD Application ${name}`],
    ),
  ]);
  return [...new Set(found)].sort();
}

const Owner = z.looseObject({
  spec: z
    .looseObject({
      suspend: flag,
      targetNamespace: text,
      destination: z.looseObject({ namespace: text }).optional().catch(undefined),
      syncPolicy: z
        .looseObject({ automated: z.looseObject({ enabled: flag }).nullish().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** Who is set up to write into this namespace and does so by itself: an automatic Application, a Kustomization or HelmRelease that is not suspended. */
export function ownersOf(owners: readonly KubeObject[], namespace: string): readonly string[] {
  return owners
    .flatMap((object) => {
      const { spec } = Owner.parse(object);
      const { name, namespace: home } = object.metadata;
      if (object.kind === 'Application') {
        const automated = spec?.syncPolicy?.automated;
        const acts = automated !== undefined && automated !== null && automated.enabled !== false;
        return acts && spec?.destination?.namespace === namespace ? [`Argo CD Application ${name}`] : [];
      }
      const into = spec?.targetNamespace ?? (object.kind === 'HelmRelease' ? home : undefined);
      return spec?.suspend !== true && into === namespace ? [`Flux ${object.kind} ${name}`] : [];
    })
    .sort();
}
