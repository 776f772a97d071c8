import { z } from 'zod';
import { isDnsLabel, isDnsSubdomain } from '../../kube-name.ts';
import { DEFAULT_NAMESPACE } from '../kinds.ts';
import { readSelector } from './selector.ts';

/** Parameters that the actions of a restore share. */
export const Name = z.string().refine(isDnsSubdomain, 'expected the name of a Kubernetes object');
export const NamespaceName = z.string().refine(isDnsLabel, 'expected the name of a namespace');

const RESOURCE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9][a-z0-9.-]*)?$/;

/** `deployments, configmaps` */
export const Resources = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  )
  .refine((list) => list.length > 0 && list.every((one) => RESOURCE.test(one)), 'expected kinds in the plural, such as deployments, configmaps');

/** `app=web,tier=db` */
export const Selector = z.string().refine((text) => readSelector(text) !== undefined, 'expected labels as name=value, such as app=web,tier=db');

export const restoreParams = {
  /** Absent: the newest that can be restored. */
  backup: Name.optional(),
  /** The namespace that is written into. */
  target: NamespaceName,
  /** The namespace in the backup; absent: the same. */
  source: NamespaceName.optional(),
  /** What exists already is left as it is, or overwritten. */
  existing: z.enum(['leave', 'update']).default('leave'),
  resources: Resources.optional(),
  selector: Selector.optional(),
  /** Where Velero lives. */
  namespace: NamespaceName.default(DEFAULT_NAMESPACE),
} as const;
