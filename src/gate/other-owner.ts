import { ownerOf } from '../domain/other-owner.ts';
import { admit, type Decision } from '../model/gate.ts';
import { type KubeObject, objectName, refOf } from '../model/object.ts';

/** Is somebody else at work on this object? Two owners that drain or restart the same thing undo each other's work. */
export function otherOwner(object: KubeObject): Decision {
  const owner = ownerOf(object);
  if (owner === undefined) return admit;
  return { kind: 'hold', gate: 'other-owner', reason: `${objectName(refOf(object))}: ${owner}` };
}

/** The first owner found among several objects. */
export function otherOwners(objects: readonly KubeObject[]): Decision {
  for (const object of objects) {
    const decision = otherOwner(object);
    if (decision.kind === 'hold') return decision;
  }
  return admit;
}
