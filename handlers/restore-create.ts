import { type Change, type KubeObject, type RemediationAction, remediation, type StepPlan, z } from '../src/action/contract.ts';
import { DOWNLOAD_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { isTerminal, phaseMeaning } from '../src/domain/velero/phase.ts';
import { Before, readBefore } from '../src/domain/velero/restore/before.ts';
import { isPassing, kindName } from '../src/domain/velero/restore/contents.ts';
import { expectedCounts } from '../src/domain/velero/restore/difference.ts';
import { modifierName, NOT_IN_A_TEST, testNamespace } from '../src/domain/velero/restore/isolation.ts';
import { namespaceRef, restoreName, restoreRef, volumeRestoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { AROUND_NEEDS, FIRST_NEEDS, LOOKED_AT, MORE_NEEDS } from '../src/domain/velero/restore/looked-at.ts';
import { restoreManifest, restoreSpec } from '../src/domain/velero/restore/manifest.ts';
import { restoreNotes } from '../src/domain/velero/restore/notes.ts';
import { Name, restoreParams } from '../src/domain/velero/restore/params.ts';
import { isUnderWay, readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { readSelector } from '../src/domain/velero/restore/selector.ts';
import { type RestoreSight, readRestoreSight } from '../src/domain/velero/restore/sight.ts';
import { keepReason } from '../src/domain/velero/restore/taking-back.ts';
import { bytesText } from '../src/domain/velero/restore/volume-bytes.ts';
import { digest } from '../src/model/digest.ts';
import { formatDuration } from '../src/model/duration.ts';
import { SalvorError } from '../src/model/error.ts';
import { isObject, type JsonObject } from '../src/model/json.ts';
import { MARK, objectName } from '../src/model/object.ts';

type Reader = Parameters<RemediationAction['verify']>[0]['kube'];

const Params = z.strictObject({
  ...restoreParams,
  backup: Name,
  /** Into the closed namespace that `restore.isolate` makes in the same stage, changed as that says. */
  isolated: z.boolean().default(false),
});
type Params = z.output<typeof Params>;
const Result = z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string() });

const LOOK_AGAIN_MS = 5000;

/**
 * Restore one namespace from a backup, into itself or another. Velero does the work; what exists is left or overwritten, never taken away.
 *
 * Writes  one Restore, with annotations that name the run and the step and say how it was before. A rollback deletes the namespace, if Velero made it for
 *         this restore and nothing else is in it.
 * Voids   an approval when the backup, the namespace (its uid, or that it is absent), its claims or the lasting objects that exist change.
 * Errors  kube.not-found (backup gone), kube.invalid (its files gone or damaged), kube.exists (the name is somebody else's), never retried.
 * Source  Velero 1.18, `velero restore create`.
 */
export const restoreCreate = remediation({
  id: 'restore.create',
  summary: 'Restore a namespace from a backup',
  risk: 'destructive',
  // Into a closed namespace of its own nothing is written over, and the namespace goes as a whole.
  reversibleWith: { param: 'isolated', is: true },
  needs: ['get backups.velero.io', 'get restores.velero.io', 'create restores.velero.io', 'list podvolumerestores.velero.io', ...DOWNLOAD_NEEDS],
  everywhere: { needs: ['get namespaces', 'delete namespaces', ...FIRST_NEEDS], optional: [...MORE_NEEDS, ...AROUND_NEEDS] },
  timeoutMs: 120_000,
  params: Params,
  result: Result,

  async plan({ params, kube, stepKey, nowMs, run }) {
    const { namespace, existing, selector, isolated } = params;
    const { source, target, name } = placeOf(params, run, stepKey);
    const ours = await ownRestore(kube, { namespace, name, stepKey });
    const then = ours && readBefore(readRestore(ours));
    // It goes on already: what it changes is its own, and what it was approved for is written on it.
    if (then !== undefined) return { summary: `Restore ${target}`, changes: [], undo: [], facts: then.facts };

    const sight = await readRestoreSight(kube, { namespace, backup: params.backup, source, target, resources: params.resources, isolated });
    const absent = sight.target === undefined;
    // An isolated namespace is made, and taken away, by the step before this one.
    const before: Before = {
      absent: absent && !isolated,
      expected: selector === undefined ? expectedCounts(sight.difference) : {},
      ...(selector !== undefined && absent ? { some: true } : {}),
      facts: isolated ? { backup: sight.backup.uid, backupPhase: sight.backup.phase } : factsOf(sight),
    };
    const spec = restoreSpec({
      ...params,
      source,
      target,
      selector: selector === undefined ? undefined : readSelector(selector),
      ...(isolated ? { excluded: NOT_IN_A_TEST, modifier: modifierName(target) } : {}),
    });
    const risk = absent || isolated ? 'reversible' : 'destructive';
    const plan: StepPlan = {
      summary: `Restore ${source} from ${params.backup}${source === target ? '' : ` into ${target}`}`,
      changes: [{ verb: 'create', object: objectName(restoreRef(namespace, name)), to: { spec, before }, risk }],
      undo: before.absent ? [{ verb: 'delete', object: `Namespace/${target}`, note: 'only while nothing but what this restore brought is in it' }] : [],
      facts: before.facts,
      notes: [
        ...restoreNotes(sight, { source, target, existing, selector, nowMs }),
        ...(absent || isolated
          ? []
          : [`${target} exists: what is written over cannot be taken back by Salvor. The backup that is made first holds what was there`]),
      ],
    };
    return plan;
  },

  async execute({ params, kube, stepKey, run, approved = [] }) {
    const { namespace } = params;
    const { name } = placeOf(params, run, stepKey);
    const object = objectName(restoreRef(namespace, name));
    const ours = await ownRestore(kube, { namespace, name, stepKey });
    const asked = ours === undefined ? askedFor(approved, object) : { spec: readRestore(ours).spec, before: readRestore(ours).before ?? '' };
    try {
      return resultOf(await kube.create(restoreManifest({ name, namespace, stepKey, run, ...asked })));
    } catch (error) {
      if (!(error instanceof SalvorError) || error.code !== 'kube.exists') throw error;
      const there = await ownRestore(kube, { namespace, name, stepKey });
      if (there === undefined) throw error;
      return resultOf(there);
    }
  },

  async observe({ kube, result }) {
    const found = await kube.find(restoreRef(result.namespace, result.name));
    if (found === undefined || found.metadata.uid !== result.uid) return { state: 'failed', reason: `${result.name} was deleted by somebody else` };
    const restore = readRestore(found);
    if (phaseMeaning(restore.phase) === 'bad') return { state: 'failed', reason: restoreFailureText(restore) };
    // A partial one is over, too: the verification says so.
    if (isTerminal(restore.phase)) return { state: 'done' };
    const copies = await kube.list(volumeRestoresQuery(result.namespace, result.name)).catch(noSuchKind);
    return { state: 'pending', progress: [restoreProgress(restore), bytesText(copies)].filter((part) => part !== '').join('; ') };
  },

  async verify({ kube, result, nowMs }) {
    const found = await kube.find(restoreRef(result.namespace, result.name));
    if (found === undefined || found.metadata.uid !== result.uid) return { ok: false, reason: `${result.name} was deleted by somebody else` };
    const restore = readRestore(found);
    if (phaseMeaning(restore.phase) !== 'good') return { ok: false, reason: restoreFailureText(restore) };
    const tookMs = (restore.completedMs ?? nowMs) - restore.madeMs;
    return { ok: true, evidence: [`${restore.name} took ${formatDuration(Math.max(1000, tookMs))}`] };
  },

  async rollback({ params, kube, stepKey, run }) {
    const { namespace } = params;
    const { target, name } = placeOf(params, run, stepKey);
    const ours = await ownRestore(kube, { namespace, name, stepKey });
    if (ours === undefined) return { kind: 'undone', evidence: 'no restore was made' };
    const restore = readRestore(ours);
    if (readBefore(restore)?.absent !== true)
      return { kind: 'undone', evidence: `${target} was there before: what ${name} wrote into it stays, and the backup made before it holds what was there` };
    // Velero cannot be stopped in a restore: what it still brings would come after the deletion.
    if (isUnderWay(restore)) return { kind: 'more', more: LOOK_AGAIN_MS, progress: `waiting for the end of ${name}: ${restoreProgress(restore)}` };
    const made = await kube.find(namespaceRef(target));
    if (made === undefined) return { kind: 'undone', evidence: `${target} is gone again` };
    if (made.metadata.deletionTimestamp !== undefined) return { kind: 'more', more: LOOK_AGAIN_MS, progress: `${target} is being deleted` };
    const keep = keepReason(made, await everythingIn(kube, target), restore);
    if (keep !== undefined) return { kind: 'undone', evidence: `${target} is left: ${keep}` };
    await kube.delete(namespaceRef(target), { uid: made.metadata.uid ?? '' });
    return { kind: 'more', more: LOOK_AGAIN_MS, progress: `${target} is being deleted` };
  },
});

/** From where to where, and under which name. */
function placeOf(
  { source: given, target: named, isolated }: Params,
  run: string,
  stepKey: string,
): { readonly [part in 'source' | 'target' | 'name']: string } {
  const source = given ?? named;
  const target = isolated ? testNamespace(source, run) : named;
  return { source, target, name: restoreName(target, stepKey) };
}

/** What is there under our name; an error where it is not this step's. */
async function ownRestore(kube: Reader, of: { readonly namespace: string; readonly name: string; readonly stepKey: string }): Promise<KubeObject | undefined> {
  const there = await kube.find(restoreRef(of.namespace, of.name));
  if (there === undefined || there.metadata.annotations?.[MARK.step] === of.stepKey) return there;
  throw new SalvorError('kube.exists', `${of.name} exists and was not made by this step`);
}

function factsOf({ backup, target, difference, claimsKept }: RestoreSight): Before['facts'] {
  const lasting = difference.exists.filter((one) => !isPassing(one)).map((one) => `${kindName(one)}/${one.name}`);
  return {
    backup: backup.uid,
    backupPhase: backup.phase,
    target: target?.metadata.uid ?? 'absent',
    exists: digest(lasting.sort()),
    claims: claimsKept.join(' '),
  };
}

/** What was approved is what is made, to the letter. */
function askedFor(approved: readonly Change[], object: string): { readonly spec: JsonObject; readonly before: string } {
  const to = approved.find((change) => change.verb === 'create' && change.object === object)?.to;
  if (!isObject(to) || !isObject(to['spec'])) throw new SalvorError('run.not-planned', `the approved plan does not say how ${object} is made`);
  return { spec: to['spec'], before: JSON.stringify(Before.parse(to['before'])) };
}

async function everythingIn(kube: Reader, namespace: string): Promise<readonly KubeObject[]> {
  const lists = await Promise.all(LOOKED_AT.map(({ apiVersion, kind }) => kube.list({ apiVersion, kind, namespace }).catch(noSuchKind)));
  return lists.flat();
}

function resultOf({ metadata }: KubeObject): z.input<typeof Result> {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

function noSuchKind(error: unknown): readonly never[] {
  if (error instanceof SalvorError && ['kube.not-found', 'kube.unknown-kind', 'kube.forbidden'].includes(error.code)) return [];
  throw error;
}
