import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadCatalog } from '../../../src/action/catalog.ts';
import { isMore, type RemediationAction } from '../../../src/action/contract.ts';
import { digest } from '../../../src/model/digest.ts';
import { canonical, type Json, type JsonObject } from '../../../src/model/json.ts';
import { changeText, type StepPlan } from '../../../src/model/plan.ts';
import { SETUPS, type Setup } from './setups.ts';
import { ofKind, type Stage, setStage } from './stage.ts';

const catalog = await loadCatalog({ folders: [fileURLToPath(new URL('../../../handlers', import.meta.url))] });
const remediations = ofKind(catalog.all(), 'remediation');

const STEP_KEY = digest('the laws');
/** An execution or a rollback of more rounds than this never ends. */
const MOST_ROUNDS = 1000;

test('every remediation has a setup, and every setup a remediation', () => {
  expect([...SETUPS.keys()].sort()).toEqual(remediations.map(({ id }) => id));
});

describe.each(remediations.map((action) => [action.id, action] as const))('%s', (id, action) => {
  const setup = SETUPS.get(id);
  if (setup === undefined) return;
  const params = action.params.parse(setup.params);

  test('its plan writes nothing, leaves nothing behind, and is the same when it is made again', async () => {
    const { stage } = await begin(setup);
    const before = state(stage, setup);
    const first = await plan(stage, action, params);
    const second = await plan(stage, action, params);
    expect(stage.cluster.writes()).toEqual([]);
    expect(differences(before, state(stage, setup))).toEqual([]);
    expect(first.changes.length, 'the setup gives it nothing to do').toBeGreaterThan(0);
    expect(canonical(json(second))).toBe(canonical(json(first)));
  });

  test('executed twice under one key it writes once, answers the same, and writes no more than it planned', async () => {
    const { stage } = await begin(setup);
    const { changes } = await plan(stage, action, params);
    const result = await execute(stage, action, params, changes);
    const written = stage.cluster.writes();
    expect(written.length, 'it wrote nothing').toBeGreaterThan(0);
    expect(action.result.parse(result)).toEqual(await execute(stage, action, params, changes).then((again) => action.result.parse(again)));
    expect(stage.cluster.writes()).toEqual(written);
    expect(written.filter((line) => !changes.some((change) => changeText(change) === line))).toEqual([]);
  });

  test('its rollback gives the cluster back as it was, or says why it cannot', async () => {
    const { rollback } = action;
    const { stage } = await begin(setup);
    const before = state(stage, setup);
    const { undo, changes } = await plan(stage, action, params);
    if (typeof rollback !== 'function') {
      expect(rollback.impossible.length).toBeGreaterThan(20);
      expect(undo).toEqual([]);
      return;
    }
    const result = action.result.parse(await execute(stage, action, params, changes));
    await stage.clock.pass(setup.takesMs ?? 0);
    stage.cluster.forgetWrites();
    for (let round = 0; ; round += 1) {
      if (round > MOST_ROUNDS) throw new Error('the rollback never ends');
      const undone = await stage.wait(rollback({ ...stage.about(), params, kube: stage.kube, stepKey: STEP_KEY, result }));
      if (undone.kind === 'failed') throw new Error(undone.reason);
      if (undone.kind === 'undone') break;
      await stage.clock.pass(undone.more);
    }
    await stage.clock.pass(setup.takesMs ?? 0);
    expect(differences(before, state(stage, setup))).toEqual([]);
    expect(stage.cluster.writes().filter((line) => !undo.some((change) => changeText(change) === line))).toEqual([]);
  });
});

test('what an action calls reversible by a parameter is reversible in its plan, also where it writes into what lives', async () => {
  const milder = remediations.filter(({ reversibleWith }) => reversibleWith !== undefined);
  expect(milder.map(({ id }) => id)).toEqual(['restore.create']);
  for (const action of milder) {
    const { param = '', is = null } = action.reversibleWith ?? {};
    const setup = SETUPS.get(action.id);
    if (setup === undefined) throw new Error(`${action.id} has no setup`);
    const { stage } = await begin(setup);
    const lives = { ...setup.params, target: 'shop' };
    const risks = async (params: JsonObject) => (await plan(stage, action, action.params.parse(params))).changes.map(({ risk }) => risk ?? action.risk);
    expect(await risks(lives)).toContain('destructive');
    expect(await risks({ ...lives, [param]: is })).not.toContain('destructive');
  }
});

async function begin(setup: Setup): Promise<{ readonly stage: Stage }> {
  const stage = setStage(setup.scenario);
  await stage.clock.pass(setup.warmUpMs ?? 15_000);
  stage.cluster.forgetWrites();
  return { stage };
}

type Params = Parameters<RemediationAction['plan']>[0]['params'];

function plan(stage: Stage, action: RemediationAction, params: Params): Promise<StepPlan> {
  return stage.wait(action.plan({ ...stage.about(), params, kube: stage.kube, stepKey: STEP_KEY }));
}

async function execute(stage: Stage, action: RemediationAction, params: Params, approved: StepPlan['changes']): Promise<unknown> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const answer = await stage.wait(action.execute({ ...stage.about(), params, kube: stage.kube, stepKey: STEP_KEY, approved }));
    if (!isMore(answer)) return answer;
    await stage.clock.pass(answer.more);
  }
  throw new Error('the execution never ends');
}

/** Fields that move with every write, whatever it says. */
const VOLATILE: ReadonlySet<string> = new Set(['resourceVersion', 'managedFields', 'generation', 'observedGeneration']);
/** Kinds that the cluster itself writes all the time. */
const ALWAYS_MOVING = ['Event/', 'Lease/', 'BackupStorageLocation/'];

function state(stage: Stage, { moving = [] }: Setup): ReadonlyMap<string, string> {
  const objects = [...stage.cluster.snapshot()].filter(([name]) => ![...ALWAYS_MOVING, ...moving].some((start) => name.startsWith(start)));
  return new Map(objects.map(([name, object]) => [name, canonical(steady(json(object)))]));
}

function steady(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => steady(one));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value as JsonObject).filter(([name, one]) => !VOLATILE.has(name) && !isEmpty(one));
  return Object.fromEntries(kept.map(([name, one]) => [name, steady(one ?? null)]));
}

/** `annotations: {}` and no annotations are the same. */
function isEmpty(value: Json | undefined): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) =>
    before.get(name) === after.get(name) ? [] : [`${name}: ${before.get(name) ?? 'not there'} → ${after.get(name) ?? 'not there'}`],
  );
}

function json(value: object): Json {
  return JSON.parse(JSON.stringify(value));
}
