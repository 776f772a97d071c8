import { blastHeld, drawsOf } from '../gate/blast-radius.ts';
import { freezeGuards } from '../gate/freeze.ts';
import { pauseGuards } from '../gate/pause.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import type { Hold } from '../model/gate.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { type KubeObject, MARK, type Manifest, objectName } from '../model/object.ts';
import { type Change, changeText, type PlannedStep, type Verb } from '../model/plan.ts';
import type { Run, StepState } from '../model/run.ts';
import type { Writer } from '../port/kube.ts';
import { withStep } from './close.ts';
import type { Engine } from './engine.ts';
import { holdToWrite } from './gates.ts';
import { keysIn } from './locks.ts';
import { type Stopped, stoppedByHand } from './pauses.ts';
import type { Session } from './session.ts';
import { proberOf } from './views.ts';

type Guarding = {
  readonly engine: Engine;
  readonly session: Session;
  readonly access: Writer;
  readonly state: Pick<StepState, 'step' | 'generation' | 'planned'>;
  /** `execute` may write the plan's changes, `undo` the plan's undo. */
  readonly mode: 'execute' | 'undo';
  /** Of the one call that this writer is for: behind it nothing is written any more. */
  readonly signal: AbortSignal;
};

/** What the writer is about to do. */
type Intent = { readonly verb: Verb; readonly object: string; readonly fields: readonly string[] };

/**
 * The only way to write. Before a request reaches the wire it looks that the lease has margin, that nothing is frozen, and that this
 * verb on this object is in the approved plan; then it stores the intent, which a pause refuses, and after the answer the outcome. One write at a time.
 */
export function guardedWriter(guarding: Guarding): Writer {
  const { access, state, session } = guarding;
  const marks = { [MARK.run]: session.run().id, [MARK.step]: state.planned.stepKey, [MARK.epoch]: String(session.epoch) };
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
    const mine = before.then(write);
    before = mine.catch(() => undefined);
    return mine;
  };
  /** Announces the write, makes it, and notes what came of it. */
  const make = <T>(intent: Intent, write: (repeated: boolean) => Promise<{ readonly outcome: string; readonly answer: T }>): Promise<T> =>
    inTurn(async () => {
      const repeated = await announce(guarding, intent);
      try {
        const { outcome, answer } = await write(repeated);
        return settle(guarding, { ...intent, outcome }, answer);
      } catch (error) {
        throw refused(guarding, intent, error);
      }
    });

  return {
    ...proberOf(access),
    create(manifest) {
      const { namespace, name = '' } = manifest.metadata;
      const object = objectName({ kind: manifest.kind, name, ...(namespace === undefined ? {} : { namespace }) });
      return make({ verb: 'create', object, fields: [] }, async (repeated) => {
        // An intent without an outcome: it may have happened. Read before writing again, and adopt what is ours.
        const ours = repeated ? await findOurs(guarding, manifest) : undefined;
        if (ours !== undefined) return { outcome: 'adopted', answer: ours };
        const marked: Manifest = { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...marks } } };
        try {
          return { outcome: 'created', answer: await access.create(marked) };
        } catch (error) {
          const adopted = errorCode(error) === 'kube.exists' ? await findOurs(guarding, manifest) : undefined;
          if (adopted !== undefined) return { outcome: 'adopted', answer: adopted };
          throw error;
        }
      });
    },
    patch: (ref, patch, only) =>
      make({ verb: 'patch', object: objectName(ref), fields: leaves(patch) }, async () => ({
        outcome: 'patched',
        answer: await access.patch(ref, patch, only),
      })),
    delete: (ref, only) =>
      make({ verb: 'delete', object: objectName(ref), fields: [] }, async () => {
        const answer = await access.delete(ref, only);
        return { outcome: answer, answer };
      }),
    evict: (pod) =>
      make({ verb: 'evict', object: objectName({ kind: 'Pod', ...pod }), fields: [] }, async () => {
        const answer = await access.evict(pod);
        return { outcome: answer, answer };
      }),
  };
}

/** Checks everything that may forbid the write, and stores the intent. True where the same intent is open already: it may have happened. */
async function announce(guarding: Guarding, intent: Intent): Promise<boolean> {
  const { engine, session, state, mode } = guarding;
  const { planned } = state;
  assertOpen(guarding);
  assertPlanned(mode === 'execute' ? planned.changes : planned.undo, intent);
  const run = session.run();
  if (mode === 'execute' && session.mailWaits() && (await isEnded(guarding))) throw new InterruptedFault();
  const writing = { cluster: planned.cluster, undo: mode === 'undo' };
  const isHere = planned.cluster === run.cluster;
  const stopped = (): Promise<Stopped> => stoppedByHand(engine.store, planned.cluster, run.playbook);
  // The commit of the intent itself asks for pauses and freezes of the run's own cluster; those of another one have to be looked at.
  const hold = holdToWrite(engine, run, isHere ? writing : { ...writing, stopped: await stopped() });
  if (hold !== undefined) throw heldFault(hold);
  session.assertMargin();
  const key = intentKey(planned, intent);
  const now = session.run();
  const open = now.openIntents.includes(key);
  const known = open || (now.refusedIntents ?? []).includes(key);
  const line = { type: 'write.intent', atMs: engine.clock.nowMs(), data: { step: state.step, write: changeText(intent), cluster: planned.cluster, mode } };
  const switches = mode === 'undo' ? pauseGuards(run.playbook) : [...pauseGuards(run.playbook), ...freezeGuards()];
  const budgets = mode === 'undo' ? [] : blastHeld(drawsOf(keysIn(run, run.cluster), engine.policy().gates.blastRadius));
  const stored = await session.commit({
    guards: [...(isHere ? switches : []), ...budgets],
    taking: { run: announced(now, state, key), drafts: known ? [] : [line] },
  });
  if (stored.kind === 'full')
    throw heldFault({ kind: 'hold', gate: 'blast-radius', reason: 'The limit of what may be touched at once was lowered below what is being touched' });
  if (stored.kind !== 'done')
    throw heldFault(
      holdToWrite(engine, run, { ...writing, stopped: await stopped() }) ?? { kind: 'hold', gate: 'pause', reason: 'Salvor was paused just now' },
    );
  assertOpen(guarding);
  session.assertMargin();
  return open;
}

function announced(run: Run, { step, generation }: Guarding['state'], key: string): Run {
  const { refusedIntents = [], ...rest } = withStep(run, { step, generation }, { wrote: true });
  const others = refusedIntents.filter((each) => each !== key);
  return { ...rest, openIntents: [...run.openIntents.filter((each) => each !== key), key], ...(others.length === 0 ? {} : { refusedIntents: others }) };
}

/** The intent is no longer open; one that was refused and is repeated appends nothing to the journal when it comes again. */
function closedIntent(run: Run, key: string, as: 'done' | 'refused'): Run {
  const openIntents = run.openIntents.filter((each) => each !== key);
  return as === 'done' ? { ...run, openIntents } : { ...run, openIntents, refusedIntents: [...(run.refusedIntents ?? []), key] };
}

/** A handler that was left behind by its time limit may still be running: it writes nothing more. */
function assertOpen({ signal }: Guarding): void {
  if (signal.aborted) throw new SalvorError('run.fenced', 'The time of this call is over');
}

/** A person cancelled or superseded the run while its handler is at work. */
async function isEnded({ engine, session }: Guarding): Promise<boolean> {
  const { cluster, id } = session.run();
  const letters = await engine.store.mail(cluster, id);
  return letters.some(({ order, value }) => order > session.readUpTo() && isObject(value) && (value['kind'] === 'cancel' || value['kind'] === 'supersede'));
}

/** The write is known to have happened: its outcome closes the intent with the next commit. */
function settle<T>({ engine, session, state }: Guarding, intent: Intent & { readonly outcome: string }, answer: T): T {
  const line = { type: 'write.outcome', atMs: engine.clock.nowMs(), data: { step: state.step, write: changeText(intent), outcome: intent.outcome } };
  session.take({ ...closedIntent(session.run(), intentKey(state.planned, intent), 'done'), refusals: 0 }, [line], []);
  return answer;
}

/** A refusal for good closes the intent. A conflict or a budget is an answer, too, and a retry follows. Silence leaves it open: it may have happened. */
function refused({ engine, session, state }: Guarding, intent: Intent, error: unknown): unknown {
  if (!(error instanceof SalvorError) || error.code === 'kube.timeout' || error.code === 'run.fenced') return error;
  const key = intentKey(state.planned, intent);
  if (error.retry !== 'never') {
    session.take(closedIntent(session.run(), key, 'refused'), [], []);
    return error;
  }
  const line = {
    type: 'write.outcome',
    atMs: engine.clock.nowMs(),
    data: { step: state.step, write: changeText(intent), outcome: 'refused', code: errorCode(error), reason: errorText(error) },
  };
  session.take(closedIntent(session.run(), key, 'done'), [line], []);
  return error;
}

/**
 * The handler answered, so it knows what there is: what it found done and did not write again is no longer open. This is how a crash between a
 * request and its answer ends in the journal, where the handler itself recognises its mark. After a rollback it is `undone`, whether it had happened or not.
 * `again`: another round follows, and what was refused in this one is asked again without a line of its own.
 */
export function closeIntents(
  { engine, session, state }: Pick<Guarding, 'engine' | 'session' | 'state'>,
  { outcome = 'found', again = false }: { readonly outcome?: 'found' | 'undone'; readonly again?: boolean } = {},
): void {
  const run = session.run();
  const prefix = `${state.planned.stepKey.slice(0, 16)} `;
  const open = run.openIntents.filter((key) => key.startsWith(prefix));
  const refused = (run.refusedIntents ?? []).filter((key) => again || !key.startsWith(prefix));
  if (open.length === 0 && refused.length === (run.refusedIntents ?? []).length) return;
  const atMs = engine.clock.nowMs();
  const lines = open.map((key) => ({ type: 'write.outcome', atMs, data: { step: state.step, write: key.slice(prefix.length), outcome } }));
  const { refusedIntents: _refused, ...rest } = run;
  const openIntents = run.openIntents.filter((key) => !key.startsWith(prefix));
  session.take({ ...rest, openIntents, ...(refused.length === 0 ? {} : { refusedIntents: refused }) }, lines, []);
}

function intentKey(planned: PlannedStep, intent: Intent): string {
  return `${planned.stepKey.slice(0, 16)} ${changeText(intent)}`;
}

async function findOurs({ access, state, session }: Guarding, manifest: Manifest): Promise<KubeObject | undefined> {
  const { name, namespace } = manifest.metadata;
  if (name === undefined) return undefined;
  const found = await access.find({ apiVersion: manifest.apiVersion, kind: manifest.kind, name, ...(namespace === undefined ? {} : { namespace }) });
  const annotations = found?.metadata.annotations ?? {};
  if (annotations[MARK.step] !== state.planned.stepKey) return undefined;
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

/** The run was ended by a person in the middle of a handler's work. */
export class InterruptedFault extends SalvorError {
  constructor() {
    super('run.held', 'A person ended the run: nothing more is written', { retry: 'later' });
  }
}

function heldFault(hold: Hold): HeldFault {
  return new HeldFault(hold);
}
