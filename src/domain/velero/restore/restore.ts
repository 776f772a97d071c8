import { z } from 'zod';
import { counted } from '../../../model/counted.ts';
import { cut } from '../../../model/cut.ts';
import type { JsonObject } from '../../../model/json.ts';
import { type KubeObject, MARK } from '../../../model/object.ts';
import { count, object, text, texts, timeMs } from '../../lenient.ts';
import { redact } from '../../redact.ts';
import { phaseMeaning } from '../phase.ts';

/** A Restore as far as people and playbooks ask about it. Its phases mean what those of a Backup mean. */
export type Restore = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly phase: string;
  readonly backup: string;
  readonly schedule?: string;
  readonly madeMs: number;
  readonly completedMs?: number;
  readonly errors: number;
  readonly warnings: number;
  readonly failureReason?: string;
  readonly validationErrors: readonly string[];
  readonly items: { readonly done: number; readonly total: number };
  /** The stepKey, where Salvor made it, and what it wrote down about the time before. */
  readonly stepKey?: string;
  readonly before?: string;
  readonly spec: JsonObject;
};

const Status = z
  .looseObject({
    phase: text,
    startTimestamp: text,
    completionTimestamp: text,
    errors: count,
    warnings: count,
    failureReason: text,
    validationErrors: texts,
    progress: z.looseObject({ totalItems: count, itemsRestored: count }).nullish().catch(undefined),
  })
  .nullish()
  .catch(undefined);
const Parts = z.looseObject({ spec: object, status: Status });

export function readRestore(found: KubeObject): Restore {
  const { spec = {}, status } = Parts.parse(found);
  const { name, namespace = '', uid = '', annotations = {}, creationTimestamp } = found.metadata;
  const completedMs = timeMs(status?.completionTimestamp);
  const stepKey = annotations[MARK.step];
  const before = annotations[MARK.before];
  const schedule = typeof spec.scheduleName === 'string' && spec.scheduleName !== '' ? spec.scheduleName : undefined;
  return {
    name,
    namespace,
    uid,
    phase: status?.phase ?? '',
    backup: typeof spec.backupName === 'string' ? spec.backupName : '',
    ...(schedule === undefined ? {} : { schedule }),
    madeMs: timeMs(creationTimestamp) ?? timeMs(status?.startTimestamp) ?? 0,
    ...(completedMs === undefined ? {} : { completedMs }),
    errors: status?.errors ?? 0,
    warnings: status?.warnings ?? 0,
    ...(status?.failureReason === undefined ? {} : { failureReason: status.failureReason }),
    validationErrors: status?.validationErrors ?? [],
    items: { done: status?.progress?.itemsRestored ?? 0, total: status?.progress?.totalItems ?? 0 },
    ...(stepKey === undefined ? {} : { stepKey }),
    ...(before === undefined ? {} : { before }),
    spec,
  };
}

/** It was looked at by Velero or waits for that, and is not over. A phase that nobody knows counts as not over. */
export const isUnderWay = ({ phase }: Pick<Restore, 'phase'>): boolean => ['queued', 'running', 'unknown'].includes(phaseMeaning(phase));

/** How a restore ended where it did not end well, with Velero's own words, and before them what they mean where that is known. */
export function restoreFailureText({ name, phase, errors, warnings, failureReason, validationErrors }: Restore, because?: string): string {
  const said = [...validationErrors, ...(failureReason === undefined ? [] : [failureReason])].join('; ');
  const ended = `${name} ended ${phase}${because === undefined ? '' : ` because ${because}`}`;
  if (said !== '') return `${ended}: ${cut(redact(said), 300)}`;
  return `${ended} with ${counted(errors, 'error')} and ${counted(warnings, 'warning')}`;
}

/** `12 of 17 items`, or what it waits for. */
export function restoreProgress({ phase, items }: Restore): string {
  if (phase === '' || phase === 'New') return 'not looked at by Velero yet';
  return items.total > 0 ? `${phase}, ${items.done} of ${counted(items.total, 'item')}` : phase;
}
