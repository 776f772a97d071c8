import { blastHeld, drawsOf } from '../gate/blast-radius.ts';
import { pauseGuards } from '../gate/pause.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import type { Hold } from '../model/gate.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { type KubeObject, MARK, type Manifest, objectName } from '../model/object.ts';
import { type Change, changeText, type PlannedStep, type Verb } from '../model/plan.ts';
import type { Writer } from '../port/kube.ts';
import type { Engine } from './engine.ts';
import { holdToWrite } from './gates.ts';
import { keysIn } from './locks.ts';
import type { Session } from './session.ts';

type Guarding = {
  readonly engine: Engine;
  readonly session: Session;
  readonly access: Writer;
  readonly planned: PlannedStep;
  /** `execute` may write the plan's changes, `undo` the plan's undo. */
  readonly mode: 'execute' | 'undo';
};

/** What the writer is about to do. */
type Intent = { readonly verb: Verb; readonly object: string; readonly fields: readonly string[] };

/**
 * The only way to write. Before a request reaches the wire it looks that the lease has margin, that nothing is paused or frozen, and that
 * this verb on this object is in the approved plan; then it stores the intent, and after the answer the outcome.
 */
export function guardedWriter(guarding: Guarding): Writer {
  const { access, planned, session } = guarding;
  const marks = { [MARK.run]: session.run().id, [MARK.step]: planned.stepKey, [MARK.epoch]: String(session.epoch) };

  return {
    ...access,
    async create(manifest) {
      const object = objectName({
        kind: manifest.kind,
        name: manifest.metadata.name ?? '',
        ...(manifest.metadata.namespace === undefined ? {} : { namespace: manifest.metadata.namespace }),
      });
      const intent: Intent = { verb: 'create', object, fields: [] };
      const repeated = await announce(guarding, intent);
      // An intent without an outcome: it may have happened. Read before writing again, and adopt what is ours.
      const adopted = repeated ? await findOurs(guarding, manifest) : undefined;
      if (adopted !== undefined) return settle(guarding, { ...intent, outcome: 'adopted' }, adopted);
      try {
        const marked: Manifest = { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...marks } } };
        return settle(guarding, { ...intent, outcome: 'created' }, await access.create(marked));
      } catch (error) {
        const ours = errorCode(error) === 'kube.exists' ? await findOurs(guarding, manifest) : undefined;
        if (ours !== undefined) return settle(guarding, { ...intent, outcome: 'adopted' }, ours);
        throw refused(guarding, intent, error);
      }
    },
    async patch(ref, patch, only) {
      const intent: Intent = { verb: 'patch', object: objectName(ref), fields: leaves(patch) };
      await announce(guarding, intent);
      try {
        return settle(guarding, { ...intent, outcome: 'patched' }, await access.patch(ref, patch, only));
      } catch (error) {
        throw refused(guarding, intent, error);
      }
    },
    async delete(ref, only) {
      const intent: Intent = { verb: 'delete', object: objectName(ref), fields: [] };
      await announce(guarding, intent);
      try {
        const answer = await access.delete(ref, only);
        return settle(guarding, { ...intent, outcome: answer }, answer);
      } catch (error) {
        throw refused(guarding, intent, error);
      }
    },
    async evict(pod) {
      const intent: Intent = { verb: 'evict', object: objectName({ kind: 'Pod', ...pod }), fields: [] };
      await announce(guarding, intent);
      try {
        const answer = await access.evict(pod);
        return settle(guarding, { ...intent, outcome: answer }, answer);
      } catch (error) {
        throw refused(guarding, intent, error);
      }
    },
  };
}

/** Checks everything that may forbid the write, and stores the intent. True where the same intent is open already: it may have happened. */
async function announce({ engine, session, planned, mode }: Guarding, intent: Intent): Promise<boolean> {
  assertPlanned(mode === 'execute' ? planned.changes : planned.undo, intent);
  const run = session.run();
  const hold = await holdToWrite(engine, run, { cluster: planned.cluster, undo: mode === 'undo' });
  if (hold !== undefined) throw heldFault(hold);
  session.assertMargin();
  const key = intentKey(planned, intent);
  const open = run.openIntents.includes(key);
  if (!open) {
    const line = { type: 'write.intent', atMs: engine.clock.nowMs(), data: { step: planned.step, write: changeText(intent), cluster: planned.cluster, mode } };
    session.take({ ...run, openIntents: [...run.openIntents, key] }, [line], []);
  }
  // A pause that arrives between the look above and this commit refuses the commit: nothing slips between check and intent.
  const pauses = planned.cluster === run.cluster ? pauseGuards(run.playbook) : [];
  const budgets = mode === 'undo' ? [] : blastHeld(drawsOf(keysIn(run, run.cluster), engine.policy().gates.blastRadius));
  const stored = await session.commit({ guards: [...pauses, ...budgets] });
  if (stored.kind === 'full')
    throw heldFault({ kind: 'hold', gate: 'blast-radius', reason: 'The limit of what may be touched at once was lowered below what is being touched' });
  if (stored.kind !== 'done') throw heldFault({ kind: 'hold', gate: 'pause', reason: 'Salvor was paused just now' });
  session.assertMargin();
  return open;
}

/** The write is known to have happened: its outcome closes the intent with the next commit. */
function settle<T>({ engine, session, planned }: Guarding, intent: Intent & { readonly outcome: string }, answer: T): T {
  const run = session.run();
  const key = intentKey(planned, intent);
  const line = { type: 'write.outcome', atMs: engine.clock.nowMs(), data: { step: planned.step, write: changeText(intent), outcome: intent.outcome } };
  session.take({ ...run, openIntents: run.openIntents.filter((each) => each !== key), refusals: 0 }, [line], []);
  return answer;
}

/** A refusal for good closes the intent; a conflict, a budget or silence leaves it open, since a retry follows. */
function refused({ engine, session, planned }: Guarding, intent: Intent, error: unknown): unknown {
  const known = error instanceof SalvorError && error.retry === 'never';
  if (!known) return error;
  const run = session.run();
  const key = intentKey(planned, intent);
  const line = {
    type: 'write.outcome',
    atMs: engine.clock.nowMs(),
    data: { step: planned.step, write: changeText(intent), outcome: 'refused', code: errorCode(error), reason: errorText(error) },
  };
  session.take({ ...run, openIntents: run.openIntents.filter((each) => each !== key) }, [line], []);
  return error;
}

function intentKey(planned: PlannedStep, intent: Intent): string {
  return `${planned.stepKey.slice(0, 16)} ${changeText(intent)}`;
}

async function findOurs({ access, planned, session }: Guarding, manifest: Manifest): Promise<KubeObject | undefined> {
  const { name, namespace } = manifest.metadata;
  if (name === undefined) return undefined;
  const found = await access.find({ apiVersion: manifest.apiVersion, kind: manifest.kind, name, ...(namespace === undefined ? {} : { namespace }) });
  const annotations = found?.metadata.annotations ?? {};
  if (annotations[MARK.step] !== planned.stepKey) return undefined;
  if (Number(annotations[MARK.epoch] ?? 0) > session.epoch) throw new SalvorError('run.fenced', 'A later holder of this run wrote this object');
  return found;
}

/** What was not approved cannot be written. */
function assertPlanned(allowed: readonly Change[], intent: Intent): void {
  const matching = allowed.filter((change) => change.verb === intent.verb && change.object === intent.object);
  if (matching.length === 0) throw new SalvorError('run.not-planned', `${changeText(intent)} is not in the approved plan`);
  const fields = matching.flatMap((change) => (change.field === undefined ? [] : [change.field]));
  if (intent.verb !== 'patch' || fields.length === 0) return;
  const stray = intent.fields.find(
    (path) => !fields.some((field) => path === field || path.startsWith(`${field}.`)) && !path.startsWith('metadata.annotations.salvor.io/'),
  );
  if (stray !== undefined)
    throw new SalvorError('run.not-planned', `${changeText(intent)} may not write ${stray}: the approved plan names only ${fields.join(', ')}`);
}

/** The paths that a merge patch sets. Annotation names hold dots; the path is for comparing prefixes only. */
function leaves(patch: JsonObject, prefix = ''): readonly string[] {
  return Object.entries(patch).flatMap(([name, value]): readonly string[] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return isNested(value) ? leaves(value, path) : [path];
  });
}

function isNested(value: Json | undefined): value is JsonObject {
  return isObject(value) && Object.keys(value).length > 0;
}

/** A hold on its way through a handler to the engine. */
export class HeldFault extends SalvorError {
  readonly hold: Hold;

  constructor(hold: Hold) {
    super('run.held', hold.reason, { retry: 'later' });
    this.hold = hold;
  }
}

function heldFault(hold: Hold): HeldFault {
  return new HeldFault(hold);
}
