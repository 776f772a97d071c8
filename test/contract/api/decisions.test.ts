import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortId } from '../../../src/model/identity.ts';
import { Pressed, RunPage, RunView } from '../../../src/port/view/run.ts';
import { DIGEST, line, openSite, plan, policy, proposedRun, putRun, readMail, type Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await openSite();
});
afterEach(() => site.close());

const path = (id: string, below = ''): string => `/api/v1/runs/${shortId(id)}${below}`;

async function mailOf(id: string): Promise<number> {
  return (await site.store.mail('prod', id)).length;
}

describe('looking at runs', () => {
  test('a list gives runs by state, target and page, newest first', async () => {
    for (const target of ['w1', 'w2', 'w3']) await putRun(site.store, proposedRun({ target }));
    await putRun(site.store, proposedRun({ target: 'w4', state: 'done', endedMs: Date.now() }));

    const first = await site.get('/api/v1/runs?state=proposed,queued&limit=2', 'ana');
    expect(first.status).toBe(200);
    const page = RunPage.parse(first.body);
    const rest = RunPage.parse((await site.get(`/api/v1/runs?state=proposed&limit=2&cursor=${page.next ?? ''}`)).body);
    expect([...page.items, ...rest.items].map(({ target }) => target).toSorted()).toEqual(['w1', 'w2', 'w3']);
    expect(rest.next).toBeUndefined();
    expect(RunPage.parse((await site.get('/api/v1/runs?target=w4')).body).items.map(({ state }) => state)).toEqual(['done']);
    expect((await site.get('/api/v1/runs?open=false')).body['items']).toHaveLength(1);
  });

  test('an unknown state is refused with the right name', async () => {
    const { status, body } = await site.get('/api/v1/runs?state=propsed');
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid', detail: expect.stringContaining('Did you mean proposed?') });
  });

  test('one run shows its plan with each change, what it asks, and its journal in words', async () => {
    const run = await putRun(site.store, proposedRun(), [line('run.held', { gate: 'freeze', reason: 'frozen' }), line('write.intent', { verb: 'patch' })]);
    const { status, body } = await site.get(path(run.id));
    expect(status).toBe(200);
    const view = RunView.parse(body);
    expect(view).toMatchObject({
      id: shortId(run.id),
      state: 'proposed',
      stage: 'isolate',
      digest: DIGEST,
      approvals: [],
      approval: { asks: 'needs 2 of platform, within 15m', votes: [] },
    });
    expect(view.plan?.steps[0]?.changes).toEqual([
      { verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true, risk: 'reversible' },
    ]);
    expect(view.journal.map(({ n, text }) => [n, text])).toEqual([
      [1, 'Held by freeze: frozen'],
      [2, undefined],
    ]);
  });

  test('a run that asks shows the question with its values', async () => {
    const run = await putRun(
      site.store,
      proposedRun({ state: 'waiting', stage: 1, waiting: { for: 'person', what: 'ask', reason: 'Is the load gone?', sinceMs: 1, untilMs: 2, lookMs: 2 } }),
    );
    const view = RunView.parse((await site.get(path(run.id))).body);
    expect(view.waiting?.ask).toMatchObject({ id: 'confirm', role: 'approver', type: 'yes-no', show: [{ from: 'params.node', value: 'w1' }] });
  });

  test('a run is found by the beginning of its name where that is unique, and by its whole id', async () => {
    const run = await putRun(site.store, proposedRun());
    await putRun(site.store, proposedRun({ target: 'w2' }));
    for (const name of [shortId(run.id).slice(0, 8), shortId(run.id), encodeURIComponent(run.id)])
      expect((await site.get(`/api/v1/runs/${name}`)).body).toMatchObject({ target: 'w1' });
    expect((await site.get(`/api/v1/runs/${shortId(run.id).slice(0, 7)}`)).status).toBe(404);
    expect((await site.get('/api/v1/runs/0123456789abcdef-1')).body).toMatchObject({ status: 404, code: 'request.not-found' });
  });

  test('a beginning that several runs share names the candidates, unless only one of them is open', async () => {
    const ended = { state: 'done', endedMs: 1 } as const;
    const first = await putRun(site.store, proposedRun({ ...ended, ordinal: 1 }));
    const second = await putRun(site.store, proposedRun({ ...ended, ordinal: 2 }));
    const name = shortId(first.id).slice(0, 10);
    const { status, body } = await site.get(`/api/v1/runs/${name}`);
    expect(status).toBe(409);
    for (const run of [first, second]) expect(body['detail']).toContain(shortId(run.id));
    const open = await putRun(site.store, proposedRun({ ordinal: 3 }));
    expect((await site.get(`/api/v1/runs/${name}`)).body).toMatchObject({ id: shortId(open.id) });
  });
});

describe('approving', () => {
  test('a press counts, a second of the same person changes nothing, and the last one needed grants', async () => {
    const stop = readMail(site);
    const run = await putRun(site.store, proposedRun());
    const first = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ana');
    expect(first.status).toBe(200);
    expect(Pressed.parse(first.body)).toMatchObject({ state: 'proposed', changed: true, text: expect.stringContaining('ana approves') });

    const again = await site.post(path(run.id, '/approve'), { plan: DIGEST.slice(0, 8) }, 'ana');
    expect([again.status, again.body['changed']]).toEqual([200, false]);
    expect(RunView.parse((await site.get(path(run.id))).body).approvals.map(({ by }) => by)).toEqual(['ana']);

    const second = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ben');
    expect(second.body).toMatchObject({ state: 'executing', changed: true, text: expect.stringContaining('Approved d1d1d1d1 by ana, ben') });
    const late = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ben');
    expect([late.status, late.body['changed']]).toEqual([200, false]);
    stop();
  });

  test('a press that nobody reads is recorded: stored, and answered with 202', async () => {
    await site.close();
    site = await openSite({ pressWaitMs: 0 });
    const run = await putRun(site.store, proposedRun());
    const pressed = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ana');
    expect([pressed.status, pressed.body['state']]).toEqual([202, 'recorded']);
    await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ana');
    expect((await site.store.mail('prod', run.id)).map(({ value }) => value)).toEqual([{ kind: 'approve', by: 'ana', plan: DIGEST, surface: 'api' }]);
  });

  test('another plan than the current one is refused with the current digest, and stores nothing', async () => {
    const run = await putRun(site.store, proposedRun({ changed: ['pod shop/pg-0 is now on the node'] }));
    const { status, body } = await site.post(path(run.id, '/approve'), { plan: 'e2e2e2e2' }, 'ana');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'approval.plan-changed', digest: DIGEST, detail: expect.stringContaining('pod shop/pg-0 is now on the node') });
    expect(await mailOf(run.id)).toBe(0);
  });

  test('a vote for a plan that was made void since is told that the plan changed', async () => {
    const voided = 'e2'.repeat(32);
    const run = await putRun(site.store, proposedRun(), [
      line('approval.vote', { by: 'ana', surface: 'api', digest: voided }),
      line('run.voided', { digest: voided, changed: ['x'] }),
    ]);
    expect((await site.post(path(run.id, '/approve'), { plan: voided }, 'ana')).body).toMatchObject({ code: 'approval.plan-changed' });
  });

  test('a plan that changes between the look and the press is refused by the run itself', async () => {
    const run = await putRun(site.store, proposedRun());
    const other = 'e2'.repeat(32);
    // The run is put aside by another plan the moment the press is stored, before anybody reads it.
    let moved = false;
    const stop = site.store.onChange(() => {
      if (moved) return;
      moved = true;
      void putRun(site.store, { ...run, plan: plan(other) }).then(() => readMail(site));
    });
    const { status, body } = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ana');
    stop();
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'approval.plan-changed', digest: other });
  });

  test('who is in none of the teams is told who decides', async () => {
    const run = await putRun(site.store, proposedRun());
    const { status, body } = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'cleo');
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'approval.not-allowed', detail: expect.stringContaining('platform') });
    expect(await mailOf(run.id)).toBe(0);
  });

  test('a typed confirmation that is missing is asked for', async () => {
    const approval = proposedRun().approval;
    if (approval?.requirement.kind !== 'people') throw new Error('the fixture asks people');
    const run = await putRun(site.store, proposedRun({ approval: { ...approval, requirement: { ...approval.requirement, confirmation: 'w1' } } }));
    const { status, body } = await site.post(path(run.id, '/approve'), { plan: DIGEST }, 'ana');
    expect([status, body['code']]).toEqual([422, 'approval.confirmation-missing']);
    readMail(site);
    expect((await site.post(path(run.id, '/approve'), { plan: DIGEST, confirmation: 'w1' }, 'ana')).status).toBe(200);
  });

  test('a run that ended answers what happened', async () => {
    const endedMs = Date.UTC(2026, 10, 21, 12, 0, 0);
    const closing = { end: 'expired', reason: 'nobody decided in time', mode: 'stop', sinceMs: endedMs, attempts: 0 } as const;
    const run = await putRun(site.store, proposedRun({ state: 'expired', endedMs, closing }));
    for (const [what, sent] of [
      ['approve', { plan: DIGEST }],
      ['reject', { reason: 'no' }],
    ] as const) {
      const { status, body } = await site.post(path(run.id, `/${what}`), sent, 'ana');
      expect([status, body['code']]).toEqual([409, 'approval.not-waiting']);
      expect(body['detail']).toBe('The run ended expired at 2026-11-21 12:00:00 UTC: nobody decided in time');
    }
    for (const what of ['cancel', 'supersede'])
      expect((await site.post(path(run.id, `/${what}`), { reason: 'no' }, what === 'cancel' ? 'ana' : 'dina')).status).toBe(409);
    expect(await mailOf(run.id)).toBe(0);
  });
});

describe('steering', () => {
  test('reject ends the run, and a repeat changes nothing', async () => {
    readMail(site);
    const run = await putRun(site.store, proposedRun());
    const { body } = await site.post(path(run.id, '/reject'), { reason: 'not now' }, 'ben');
    expect(body).toMatchObject({ state: 'rejected', changed: true });
    expect((await site.post(path(run.id, '/reject'), { reason: 'not now' }, 'ben')).body).toMatchObject({ changed: false });
  });

  test('cancel needs the right to run, and is told apart from a repeat', async () => {
    readMail(site);
    const run = await putRun(site.store, proposedRun({ state: 'executing' }));
    const refused = await site.post(path(run.id, '/cancel'), {}, 'cleo');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'request.forbidden', detail: expect.stringContaining('platform') });
    expect((await site.post(path(run.id, '/cancel'), undefined, 'ana')).body).toMatchObject({ state: 'cancelled', changed: true });
    expect((await site.post(path(run.id, '/cancel'), { keep: true }, 'ana')).body).toMatchObject({ changed: false });
  });

  test('an answer is read in its type, and the same answer again changes nothing', async () => {
    readMail(site);
    const waiting = { for: 'person', what: 'ask', reason: 'Is the load gone?', sinceMs: 1, untilMs: Date.now() + 1e6, lookMs: Date.now() + 1e6 } as const;
    const run = await putRun(site.store, proposedRun({ state: 'waiting', stage: 1, waiting }));
    expect((await site.post(path(run.id, '/answers/confirm'), { value: 'perhaps' }, 'ana')).body).toMatchObject({ code: 'request.invalid' });
    expect((await site.post(path(run.id, '/answers/confirm'), {}, 'ana')).status).toBe(400);
    expect((await site.post(path(run.id, '/answers/confirm'), { value: true }, 'cleo')).body).toMatchObject({ code: 'approval.not-allowed' });
    expect((await site.post(path(run.id, '/answers/other'), { value: true }, 'ana')).body).toMatchObject({ code: 'request.conflict' });
    expect((await site.post(path(run.id, '/answers/confirm'), { value: 'yes' }, 'ana')).body).toMatchObject({ state: 'done', changed: true });
    expect((await site.post(path(run.id, '/answers/confirm'), { value: 'yes' }, 'ana')).body).toMatchObject({ changed: false });
    expect((await site.post(path(run.id, '/answers/confirm'), { value: false }, 'ana')).status).toBe(409);
  });

  test('an unknown outcome is settled once', async () => {
    readMail(site);
    const step = {
      step: 'cordon',
      stage: 'isolate',
      generation: 1,
      planned: plan().steps[0],
      undo: 'on-failure',
      withinMs: 1000,
      phase: 'unknown',
      attempts: 1,
    };
    const waiting = { for: 'person', what: 'settle-step', reason: 'unknown', sinceMs: 1, untilMs: 2, lookMs: 2 } as const;
    const run = await putRun(site.store, proposedRun({ state: 'waiting', waiting, steps: [step as never] }));
    expect((await site.post(path(run.id, '/settle'), { step: 'drain', as: 'done' }, 'ana')).status).toBe(409);
    expect((await site.post(path(run.id, '/settle'), { step: 'cordon', as: 'done' }, 'ana')).body).toMatchObject({ state: 'executing', changed: true });
    expect((await site.post(path(run.id, '/settle'), { step: 'cordon', as: 'done' }, 'ana')).body).toMatchObject({ changed: false });
  });

  test('superseding is a right of its own', async () => {
    readMail(site);
    const run = await putRun(site.store, proposedRun());
    expect((await site.post(path(run.id, '/supersede'), { reason: 'mine' }, 'ana')).status).toBe(403);
    expect((await site.post(path(run.id, '/supersede'), { reason: 'mine' }, 'dina')).body).toMatchObject({ state: 'superseded' });
    expect(policy.rights.supersede).toEqual(['incident-command']);
  });
});
