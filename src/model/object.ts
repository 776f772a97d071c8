import { z } from 'zod';

/** Where a Kubernetes object is. Without `namespace` it is cluster-scoped. */
export type ObjectRef = { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string };

/** A Kubernetes object as the API gives it: only the envelope is checked here; readers parse the rest with schemas of their own. */
export const KubeObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    generation: z.number().optional(),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    finalizers: z.array(z.string()).optional(),
    ownerReferences: z.array(z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() })).optional(),
  }),
});
export type KubeObject = z.infer<typeof KubeObject>;

/** An object to create: the server adds uid, resourceVersion and times. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: { readonly [name: string]: string };
    readonly annotations?: { readonly [name: string]: string };
  };
  readonly [field: string]: unknown;
};

/** `Kind/namespace/name`, or `Kind/name`: how plans, journals and people name an object. */
export function objectName(ref: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return ref.namespace === undefined || ref.namespace === '' ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** The reference of an object in hand. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Whom the server names as the owner of the fields that Salvor writes. */
export const FIELD_MANAGER = 'salvor';

/** Annotations that Salvor writes on what it touches. */
export const MARK = {
  run: 'salvor.io/run',
  step: 'salvor.io/step-key',
  epoch: 'salvor.io/epoch',
  before: 'salvor.io/before',
} as const;
