import { z } from 'zod';
import { counted } from '../../../model/counted.ts';
import type { Verdict } from '../../../model/finding.ts';
import type { KubeObject } from '../../../model/object.ts';
import { count, text } from '../../lenient.ts';
import { phaseMeaning } from '../phase.ts';
import type { Before } from './before.ts';
import { kindName } from './contents.ts';
import { type Restore, restoreFailureText } from './restore.ts';

/** What was found of a restore: its own object, what carries its label, and the copies of volumes made for it. */
export type Found = {
  readonly restore: Restore;
  readonly before: Before | undefined;
  /** Objects with the restore's label by `kindName`; a kind that is not in it could not be looked at. */
  readonly brought: ReadonlyMap<string, readonly KubeObject[]>;
  readonly volumes: readonly KubeObject[];
};

type Rung = { readonly ok: true; readonly said: string } | { readonly ok: false; readonly reason: string; readonly again: boolean };

/**
 * The ladder of a proof, the first rung that does not hold answers for all: the phase and its counts; as many lasting objects as were to come; every claim
 * bound; every copy of a volume complete; every workload that came back ready.
 */
export function climb(found: Found): Verdict {
  const rungs: readonly (() => Rung)[] = [phase, objects, claims, volumes, workloads].map((rung) => () => rung(found));
  const said: string[] = [];
  for (const rung of rungs) {
    const stood = rung();
    if (!stood.ok) return { ok: false, reason: stood.reason, again: stood.again, evidence: said };
    if (stood.said !== '') said.push(stood.said);
  }
  return { ok: true, evidence: said, facts: { restore: found.restore.name, items: found.restore.items.done, warnings: found.restore.warnings } };
}

function phase({ restore }: Found): Rung {
  const { name, items, warnings } = restore;
  const meaning = phaseMeaning(restore.phase);
  if (meaning !== 'good')
    return {
      ok: false,
      reason: meaning === 'running' || meaning === 'queued' ? `${name} is not over` : restoreFailureText(restore),
      again: meaning === 'running',
    };
  if (restore.errors > 0) return { ok: false, reason: `${name} is Completed with ${counted(restore.errors, 'error')}`, again: false };
  if (items.total === 0) return { ok: false, reason: `${name} is Completed and brought nothing`, again: false };
  if (items.done < items.total) return { ok: false, reason: `${name} brought ${items.done} of ${counted(items.total, 'item')}`, again: false };
  return { ok: true, said: `${name} Completed: ${items.done} of ${counted(items.total, 'item')}${warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`}` };
}

function objects({ before, brought }: Found): Rung {
  const expected = Object.entries(before?.expected ?? {});
  const seen = expected.filter(([kind]) => brought.has(kind));
  const missing = seen.flatMap(([kind, number]) => {
    const there = brought.get(kind)?.length ?? 0;
    return there < number ? [`${there} of ${number} ${kind}`] : [];
  });
  if (missing.length > 0) return { ok: false, reason: `not all came back: ${missing.join(', ')}`, again: false };
  if (before?.some === true && [...brought.values()].every((list) => list.length === 0))
    return { ok: false, reason: 'nothing came that can be seen: does anything in the backup carry these labels?', again: false };
  const total = seen.reduce((sum, [, number]) => sum + number, 0);
  const blind = expected.filter(([kind]) => !brought.has(kind)).map(([kind]) => kind);
  return { ok: true, said: `${total} of ${counted(total, 'lasting object')} there${blind.length === 0 ? '' : `; not looked at: ${blind.join(', ')}`}` };
}

const Phase = z.looseObject({ status: z.looseObject({ phase: text, message: text }).nullish().catch(undefined) });
const phaseOf = (object: KubeObject): string => Phase.parse(object).status?.phase ?? '';

function claims({ brought }: Found): Rung {
  const all = brought.get('PersistentVolumeClaim') ?? [];
  const open = all.filter((claim) => phaseOf(claim) !== 'Bound');
  if (open.length > 0) return { ok: false, reason: `not bound yet: ${namesOf(open)}`, again: true };
  return { ok: true, said: all.length === 0 ? '' : `${all.length} of ${counted(all.length, 'claim')} bound` };
}

function volumes({ volumes: copies }: Found): Rung {
  const bad = copies.filter((copy) => ['Failed', 'Canceled'].includes(phaseOf(copy)));
  if (bad.length > 0)
    return {
      ok: false,
      reason: `data of a volume did not come back: ${bad.map((copy) => Phase.parse(copy).status?.message ?? copy.metadata.name).join('; ')}`,
      again: false,
    };
  const open = copies.filter((copy) => phaseOf(copy) !== 'Completed');
  if (open.length > 0) return { ok: false, reason: `data of ${counted(open.length, 'volume')} is still being written`, again: true };
  return { ok: true, said: copies.length === 0 ? '' : `data of ${counted(copies.length, 'volume')} written` };
}

const Workload = z.looseObject({
  spec: z.looseObject({ replicas: count }).optional().catch(undefined),
  status: z.looseObject({ readyReplicas: count, desiredNumberScheduled: count, numberReady: count }).nullish().catch(undefined),
});

function workloads({ brought }: Found): Rung {
  const all = ['Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps'].flatMap((kind) => brought.get(kind) ?? []);
  const short = all.filter((object) => !isReady(object));
  if (short.length > 0) return { ok: false, reason: `not ready yet: ${namesOf(short)}`, again: true };
  return { ok: true, said: all.length === 0 ? '' : `${all.length} of ${counted(all.length, 'workload')} ready` };
}

function isReady(object: KubeObject): boolean {
  const { spec, status } = Workload.parse(object);
  if (kindName(object) === 'DaemonSet.apps') return (status?.numberReady ?? 0) >= (status?.desiredNumberScheduled ?? 0);
  return (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1);
}

const namesOf = (list: readonly KubeObject[]): string =>
  list
    .slice(0, 8)
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .join(', ') + (list.length > 8 ? ` and ${list.length - 8} more` : '');
