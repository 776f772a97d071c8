import { counted } from '../../../model/counted.ts';
import type { KubeObject } from '../../../model/object.ts';
import { timeMs } from '../../lenient.ts';
import { labelValue } from '../kinds.ts';
import { isBuiltIn } from './contents.ts';
import { RESTORE_LABEL } from './kinds.ts';

/** Clocks of two programs on one API server; the times themselves have whole seconds. */
const SAME_MOMENT_MS = 2000;

/**
 * Why a namespace that a restore made may not be deleted with all that is in it; undefined where it may. It is so only where Velero made it for this
 * restore, and everything in it came by this restore or grew out of what did.
 */
export function keepReason(
  namespace: KubeObject,
  inside: readonly KubeObject[],
  restore: { readonly name: string; readonly madeMs: number },
): string | undefined {
  const madeMs = timeMs(namespace.metadata.creationTimestamp) ?? 0;
  const { name } = namespace.metadata;
  if (madeMs < restore.madeMs - SAME_MOMENT_MS) return `${name} is older than the restore: it is somebody else's`;
  const strange = inside.filter((object) => !isOfRestore(object, restore.name));
  const [first] = strange;
  if (first === undefined) return undefined;
  return `${counted(strange.length, 'object')} in ${name} did not come by the restore, such as ${first.kind} ${first.metadata.name}: somebody works there`;
}

function isOfRestore({ kind, metadata }: KubeObject, restore: string): boolean {
  if (metadata.labels?.[RESTORE_LABEL] === labelValue(restore)) return true;
  // What a controller made for what came back has an owner; the cluster puts a few things into each namespace.
  return (metadata.ownerReferences ?? []).length > 0 || isBuiltIn({ kind, name: metadata.name });
}
