import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { count } from '../lenient.ts';

const Wanted = z.looseObject({ spec: z.looseObject({ replicas: count }).optional().catch(undefined) });

/** How many pods a ReplicaSet or StatefulSet wants; undefined where it does not say. */
export const readReplicas = (workload: KubeObject): number | undefined => Wanted.parse(workload).spec?.replicas;
