import { z } from 'zod';
import { FIELD_MANAGER, type KubeObject, MARK } from '../../model/object.ts';
import { text, timeMs } from '../lenient.ts';
import { timeText } from '../velero/time-text.ts';
import { readNode } from './node.ts';

/** Who set `spec.unschedulable`, by the field managers that the server keeps. */
export type Cordoner = { readonly manager: string; readonly atMs?: number };

/** Whether pods are kept away from a node, and whose decision that is. */
export type Cordon =
  | { readonly kind: 'none' }
  /** Salvor's, and nobody has decided otherwise since. */
  | { readonly kind: 'ours'; readonly run: string; readonly stepKey: string; readonly sinceMs?: number }
  | { readonly kind: 'theirs'; readonly by?: string; readonly sinceMs?: number };

/** Tools by which a person cordons. */
const BY_HAND: ReadonlySet<string> = new Set(['kubectl', 'kubectl-cordon', 'kubectl-drain', 'kubectl-edit', 'kubectl-patch', 'kubectl-uncordon']);

const ManagedFields = z.array(z.looseObject({ manager: z.string().optional(), time: text, fieldsV1: z.unknown() }));
const OwnsCordon = z.object({ 'f:spec': z.object({ 'f:unschedulable': z.unknown() }) });

/**
 * Who cordoned; undefined where the server does not say. Throws nothing: `unreadable` is for whom a doubt means holding.
 * Source  Kubernetes documentation, "Server-Side Apply", field management.
 */
export function cordonerOf(node: KubeObject): Cordoner | 'unreadable' | undefined {
  const fields = ManagedFields.safeParse(node.metadata['managedFields'] ?? []);
  if (!fields.success) return 'unreadable';
  const owner = fields.data.find(({ fieldsV1 }) => {
    const read = OwnsCordon.safeParse(fieldsV1);
    return read.success && Object.hasOwn(read.data['f:spec'], 'f:unschedulable');
  });
  if (owner?.manager === undefined) return undefined;
  const atMs = timeMs(owner.time);
  return { manager: owner.manager, ...(atMs === undefined ? {} : { atMs }) };
}

/**
 * Whose cordon it is. Our mark alone does not make it ours: it stays where a person uncordoned the node, and if the person cordoned it again, then
 * the field has another owner.
 */
export function cordonOf(found: KubeObject): Cordon {
  const { unschedulable, mark, annotations } = readNode(found);
  if (!unschedulable) return { kind: 'none' };
  const who = cordonerOf(found);
  const by = who === 'unreadable' ? undefined : who;
  const since = by?.atMs === undefined ? {} : { sinceMs: by.atMs };
  const isOurs = mark?.before === 'false' && who !== 'unreadable' && (by === undefined || by.manager === FIELD_MANAGER);
  if (isOurs) return { kind: 'ours', run: annotations[MARK.run] ?? '', stepKey: mark.stepKey, ...since };
  return { kind: 'theirs', ...(by === undefined ? {} : { by: by.manager }), ...since };
}

export const isByHand = (manager: string): boolean => BY_HAND.has(manager);

/** `somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC`: whose decision it is that no pods come. */
export function cordonText(cordon: Cordon): string {
  if (cordon.kind === 'none') return 'it takes pods';
  const since = cordon.sinceMs === undefined ? '' : ` on ${timeText(cordon.sinceMs)}`;
  if (cordon.kind === 'ours') return `Salvor cordoned it${since}${cordon.run === '' ? '' : ` (${cordon.run})`}`;
  if (cordon.by === undefined) return 'somebody cordoned it; the cluster does not say who';
  return isByHand(cordon.by) ? `somebody cordoned it by ${cordon.by}${since}` : `${cordon.by} cordoned it${since}`;
}
