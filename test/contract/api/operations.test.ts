import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endPauses, spreadPauses } from '../../../src/command/pause.ts';
import { sealAudit } from '../../../src/command/seal.ts';
import { freezeId, lockId, pauseId, runHeadId, shortId } from '../../../src/model/identity.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { INBOX } from '../../../src/port/store.ts';
import { AuditReport, Ledger, LockList, PauseList, QuarantinePage } from '../../../src/port/view/operation.ts';
import { PlaybookList, PlaybookView } from '../../../src/port/view/playbook.ts';
import { DryRun, RunView, Started } from '../../../src/port/view/run.ts';
import { line, openIncident, openSite, policy, proposedRun, putIncident, putRun, type Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await openSite({ pressWaitMs: 0 });
});
afterEach(() => site.close());

async function resume(scope = '', person = 'ana'): Promise<JsonObject> {
  const response = await fetch(`${site.url}/api/v1/pause${scope}`, { method: 'DELETE', headers: { authorization: `Bearer token-of-${person}` } });
  return (await response.json()) as JsonObject;
}

async function unfreeze(name: string): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const url = `${site.url}/api/v1/freezes/${name}`;
  const response = await fetch(url, { method: 'DELETE', headers: { authorization: 'Bearer token-of-ana' } });
  return { status: response.status, body: (await response.json()) as JsonObject };
}

describe('starting by hand', () => {
  const path = '/api/v1/playbooks/node-isolate/runs';

  test('makes a run with its incident, and joins it when it is asked for again', async () => {
    const started = await site.post(path, { params: { node: 'w1' }, reason: 'the rack smells' }, 'ana');
    expect(started.status).toBe(201);
    const { run, incident, joined } = Started.parse(started.body);
    expect(joined).toBe(false);
    const view = RunView.parse((await site.get(`/api/v1/runs/${run}`)).body);
    expect(view).toMatchObject({
      state: 'queued',
      target: 'w1',
      cluster: 'prod',
      params: { node: 'w1', grace: 30 },
      requestedBy: 'ana',
      reason: 'the rack smells',
      incident,
    });
    expect((await site.get(`/api/v1/incidents/${incident ?? ''}`)).status).toBe(200);

    const again = await site.post(path, { params: { node: 'w1' }, reason: 'again' }, 'ben');
    expect([again.status, again.body]).toEqual([200, expect.objectContaining({ run, joined: true })]);
  });

  test('is refused with the open run and the difference where parameters differ', async () => {
    const { run } = Started.parse((await site.post(path, { params: { node: 'w1' }, reason: 'one' }, 'ana')).body);
    const { status, body } = await site.post(path, { params: { node: 'w1', grace: 5 }, reason: 'two' }, 'ana');
    expect([status, body['code'], body['run']]).toEqual([409, 'request.conflict', run]);
    expect(body['detail']).toContain('grace');
  });

  test('under one key starts once, also when the run has ended since, and is not taken for another request', async () => {
    const key = { 'idempotency-key': 'k1' };
    const first = await site.post(path, { params: { node: 'w1' }, reason: 'one' }, 'ana', key);
    const run = Started.parse(first.body).run;
    const record = await site.store.get('prod', `run/${run}`);
    expect(record?.seq).toBe(1);
    const again = await site.post(path, { params: { node: 'w1' }, reason: 'one' }, 'ana', key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const other = await site.post(path, { params: { node: 'w2' }, reason: 'one' }, 'ana', key);
    expect([other.status, other.body['detail']]).toEqual([409, expect.stringContaining('Idempotency-Key')]);
    expect((await site.post(path, { params: { node: 'w2' }, reason: 'one' }, 'ben', key)).status).toBe(201);
  });

  test('under one key stays joined to what it joined, also when that has ended since', async () => {
    const open = Started.parse((await site.post(path, { params: { node: 'w1' }, reason: 'one' }, 'ben')).body).run;
    const key = { 'idempotency-key': 'k2' };
    const sent = { params: { node: 'w1' }, reason: 'two' };
    expect((await site.post(path, sent, 'ana', key)).body).toMatchObject({ run: open, joined: true });
    const headId = runHeadId({ playbook: 'node-isolate', cluster: 'prod', target: 'w1' });
    const head = await site.store.get('prod', headId);
    const guard = { is: 'seq', id: headId, seq: head?.seq ?? 0 } as const;
    await site.store.commit({ partition: 'prod', opId: 'end', guards: [guard], changes: [{ do: 'put', id: headId, kind: 'slot', value: { ordinal: 1 } }] });
    expect((await site.post(path, sent, 'ana', key)).body).toMatchObject({ run: open, joined: true });
    expect((await site.post(path, sent, 'ana')).body).toMatchObject({ joined: false });
  });

  test.each([
    ['a parameter of the wrong form', { params: { node: 'Not A Node' }, reason: 'x' }, 'node'],
    ['an unknown parameter', { params: { node: 'w1', nodes: 'w1' }, reason: 'x' }, 'nodes'],
    ['no reason', { params: { node: 'w1' } }, 'reason'],
    ['an unknown cluster', { params: { node: 'w1' }, reason: 'x', cluster: 'stagin' }, 'Did you mean staging?'],
  ])('%s is refused by name', async (_, body, word) => {
    const answer = await site.post(path, body, 'ana');
    expect([answer.status, answer.body['detail']]).toEqual([400, expect.stringContaining(word)]);
  });

  test('dry shows finding and plan, and stores nothing', async () => {
    const before = (await site.store.list({ kind: 'run', limit: 10 })).records.length;
    const answer = await site.post(path, { params: { node: 'w1' }, reason: 'what if', dryRun: true }, 'ana');
    expect(answer.status).toBe(200);
    expect(DryRun.parse(answer.body)).toMatchObject({
      target: 'w1',
      finding: { kind: 'act' },
      evidence: ['no lease for 5m'],
      plan: { steps: [{ action: 'node.cordon' }] },
    });
    expect((await site.store.list({ kind: 'run', limit: 10 })).records.length).toBe(before);
  });
});

describe('playbooks', () => {
  test('are listed, and one shows parameters, actions, risk and who approves', async () => {
    expect(PlaybookList.parse((await site.get('/api/v1/playbooks')).body).items).toMatchObject([
      { id: 'node-isolate', risk: 'reversible', params: ['node', 'grace'], startedBy: ['alert', 'command'] },
    ]);
    const view = PlaybookView.parse((await site.get('/api/v1/playbooks/node-isolate')).body);
    expect(view.parameters).toMatchObject({ type: 'object', properties: { node: { type: 'string' }, grace: { type: 'number', default: 30 } } });
    expect(view.actions).toEqual([
      { action: 'node.cordon', kind: 'remediation', risk: 'reversible', stage: 'isolate', summary: 'Stop new pods from landing on a node' },
    ]);
    expect(view.stages).toMatchObject([
      { id: 'isolate', asks: expect.stringContaining('1 of platform') },
      { id: 'confirm', kind: 'ask' },
    ]);
    const unknown = await site.get('/api/v1/playbooks/node-isolated');
    expect([unknown.status, unknown.body['detail']]).toEqual([404, expect.stringContaining('Did you mean node-isolate?')]);
  });
});

describe('who is on call', () => {
  const ladders = {
    default: [
      { page: 'platform-primary', afterMs: 0 },
      { page: 'incident-command', afterMs: 900_000 },
    ],
    other: [{ page: 'platform-primary', afterMs: 60_000 }],
  };

  test('is what the pager last said, with its age, what calls whom, and why it is not as of now', async () => {
    await site.close();
    const groups = { 'oncall:PSCHED1': { people: ['ben'], atMs: 5000 }, 'oncall:PSCHED2': {}, 'usergroup:dr': { people: ['ana'], atMs: 5000 } };
    const onCall = {
      of: (target: string) => (target === 'platform-primary' ? { names: ['Ana A'], atMs: 7000 } : undefined),
      problem: () => 'PagerDuty is away',
    };
    site = await openSite({ policy: { ...policy, ladders, groups }, deps: { onCall } });
    expect((await site.get('/api/v1/oncall')).body).toEqual({
      problem: 'PagerDuty is away',
      items: [
        { name: 'platform-primary', who: ['Ana A'], at: 7000, called: ['default, at once', 'other, after 1m'] },
        { name: 'incident-command', who: [], called: ['default, after 15m'] },
        { name: 'oncall:PSCHED1', who: ['ben'], at: 5000, called: [] },
        { name: 'oncall:PSCHED2', who: [], called: [], problem: expect.stringContaining('PagerDuty was not asked within the last hour') },
      ],
    });
    expect((await site.get('/api/v1/oncall?team=COMMAND')).body['items']).toMatchObject([{ name: 'incident-command' }]);
    const unknown = await site.get('/api/v1/oncall?team=incident-comand');
    expect([unknown.status, unknown.body['detail']]).toEqual([404, 'Nobody is on call as "incident-comand". Did you mean incident-command?']);
  });

  test('without a pager says so', async () => {
    expect((await site.get('/api/v1/oncall')).body).toEqual({ items: [], problem: 'no pager is configured: pages are only lines of the log' });
  });
});

describe('the switch', () => {
  test('puts a record into every cluster, wakes open runs, and takes it away again', async () => {
    const run = await putRun(site.store, proposedRun());
    const paused = await site.post('/api/v1/pause', { reason: 'storm', for: '2h' }, 'ana');
    expect(PauseList.parse(paused.body).items).toMatchObject([
      { cluster: 'prod', by: 'ana', reason: 'storm' },
      { cluster: 'staging', by: 'ana', reason: 'storm' },
    ]);
    const record = await site.store.get('prod', pauseId());
    expect((record?.dueMs ?? 0) - Date.now()).toBeGreaterThan(7_190_000);
    expect((await site.store.mail('prod', run.id)).map(({ value }) => value)).toEqual([{ kind: 'look', why: 'ana paused: storm' }]);
    expect((await resume())['items']).toEqual([]);
    expect(await site.store.get('prod', pauseId())).toBeUndefined();
    expect((await site.store.entries({ partition: 'prod', of: 'pause' })).map(({ type, data }) => [type, data['by']])).toEqual([
      ['pause.set', 'ana'],
      ['pause.ended', 'ana'],
    ]);
  });

  test('can be of one cluster and one playbook, and resuming one leaves the other', async () => {
    await site.post('/api/v1/pause', { reason: 'a', cluster: 'prod', playbook: 'node-isolate' }, 'ana');
    await site.post('/api/v1/pause', { reason: 'b', cluster: 'staging' }, 'ana');
    expect(await resume('?cluster=staging')).toMatchObject({ items: [{ cluster: 'prod', playbook: 'node-isolate' }] });
    expect((await site.get('/api/v1/pause')).body).toMatchObject({ items: [{ reason: 'a' }] });
    expect((await site.post('/api/v1/pause', { reason: 'x', cluster: 'nowhere' }, 'ana')).status).toBe(400);
    expect((await site.post('/api/v1/pause', { reason: 'x', for: 'soon' }, 'ana')).body['detail']).toContain('expected a duration');
    expect((await resume('', 'cleo'))['code']).toBe('request.forbidden');
  });

  test('a freeze is stored for every cluster under its name, ends by its time or by hand, and covers a cluster that appears later', async () => {
    const run = await putRun(site.store, proposedRun());
    const frozen = await site.post('/api/v1/freezes', { name: ' storage-move ', reason: 'move', until: '2h' }, 'ana');
    const { items, freezes = [] } = PauseList.parse(frozen.body);
    expect(items).toEqual([]);
    expect(freezes).toMatchObject([
      { cluster: 'prod', name: 'storage-move', by: 'ana', reason: 'move' },
      { cluster: 'staging', name: 'storage-move' },
    ]);
    expect((await site.store.mail('prod', run.id)).map(({ value }) => value)).toEqual([{ kind: 'look', why: 'ana froze it ("storage-move"): move' }]);
    await spreadPauses(site.deps, 'rebuilt');
    expect(await site.store.get('rebuilt', freezeId())).toMatchObject({ value: { freezes: [{ name: 'storage-move' }] } });
    // The same name again takes its place; the shortest is over first.
    await site.post('/api/v1/freezes', { name: 'storage-move', reason: 'longer', until: '3h', cluster: 'prod' }, 'ana');
    await site.post('/api/v1/freezes', { name: 'short', reason: 'quick', until: '1ms', cluster: 'prod' }, 'ana');
    await vi.waitFor(async () => {
      const { claimed } = await site.store.claim({ kinds: ['pause'], owner: 'clock', limit: 10, leaseMs: 1 });
      await endPauses(site.deps)(claimed);
      const now = PauseList.parse((await site.get('/api/v1/pause')).body).freezes ?? [];
      expect(now.filter(({ cluster }) => cluster === 'prod')).toMatchObject([{ name: 'storage-move', reason: 'longer' }]);
    });
    expect((await site.store.entries({ partition: 'prod', of: 'pause' })).map(({ type, data }) => [type, data['name'], data['by']])).toEqual([
      ['freeze.set', 'storage-move', 'ana'],
      ['freeze.set', 'storage-move', 'ana'],
      ['freeze.set', 'short', 'ana'],
      ['freeze.ended', 'short', 'time'],
    ]);
    const ended = await unfreeze('storage-move');
    expect([ended.status, ended.body]).toEqual([200, { items: [] }]);
    expect(await site.store.get('prod', freezeId())).toBeUndefined();
  });

  test('a freeze that cannot be is refused with what can', async () => {
    const freeze = async (body: JsonObject, who = 'ana') => (await site.post('/api/v1/freezes', { name: 'x', reason: 'y', until: '2h', ...body }, who)).body;
    expect((await freeze({ until: 'soon' }))['detail']).toContain('expected a time such as 2h, 18:00 or 2026-11-21T18:00 (UTC)');
    expect((await freeze({ until: '2020-01-01T00:00Z' }))['detail']).toContain('would be over already');
    expect((await freeze({ cluster: 'prdo' }))['detail']).toContain('Did you mean prod?');
    expect((await freeze({ name: ' ' }))['code']).toBe('request.invalid');
    expect((await freeze({}, 'cleo'))['code']).toBe('request.forbidden');
    const gone = await unfreeze('nothing');
    expect([gone.status, gone.body['detail']]).toEqual([404, 'There is no freeze "nothing" there. Nothing is frozen by hand']);
  });

  test('a freeze of the configuration is shown, and is not ended by hand', async () => {
    await site.close();
    const ofFile = { name: 'year end', fromMs: Date.now() - 1000, untilMs: Date.now() + 3_600_000, clusters: ['prod'] };
    site = await openSite({ policy: { ...policy, gates: { ...policy.gates, freezes: [ofFile] } } });
    expect((await site.get('/api/v1/pause')).body['freezes']).toEqual([
      { cluster: 'prod', name: 'year end', since: expect.anything(), until: expect.anything() },
    ]);
    const ended = await unfreeze('year%20end');
    expect(ended.body['detail']).toBe('"year end" is a freeze of the configuration: it is changed in gates.freezes of salvor.yaml');
  });

  test('covers a cluster that appears later, and ends by its time', async () => {
    await site.post('/api/v1/pause', { reason: 'storm', for: '0s' }, 'ana');
    await spreadPauses(site.deps, 'rebuilt');
    expect(await site.store.get('rebuilt', pauseId())).toMatchObject({ value: { by: 'ana' } });
    const { claimed } = await site.store.claim({ kinds: ['pause'], owner: 'clock', limit: 10, leaseMs: 1000 });
    await endPauses(site.deps)(claimed);
    expect((await site.get('/api/v1/pause')).body['items']).toEqual([]);
    expect((await site.store.entries({ partition: 'rebuilt', of: 'pause' })).map(({ type }) => type)).toEqual(['pause.set', 'pause.ended']);
  });
});

describe('the audit trail', () => {
  test('is whole when nobody touched it, and says which journal was', async () => {
    const run = await putRun(site.store, proposedRun(), [line('run.started', {}), line('run.held', { gate: 'freeze' })]);
    await putIncident(site.store, openIncident(), [line('note', { text: 'x' })]);
    await site.post('/api/v1/pause', { reason: 'storm' }, 'ana');
    expect(await sealAudit(site.deps)('prod')).toBe(3);
    const whole = AuditReport.parse((await site.get('/api/v1/audit')).body);
    // Two of prod, one seal, and the pause in prod, staging and the inbox.
    expect(whole).toEqual({ ok: true, journals: 6, entries: 7, sealed: 3, problems: [] });

    await site.store.commit({
      partition: 'prod',
      opId: systemIds.next(),
      guards: [{ is: 'seq', id: run.id, seq: 1 }],
      changes: [{ do: 'delete', id: run.id }],
    });
    const broken = AuditReport.parse((await site.get('/api/v1/audit')).body);
    expect(broken).toMatchObject({ ok: false, problems: [{ cluster: 'prod', journal: run.id, reason: expect.stringContaining('missing') }] });
  });

  test('is exported as JSON lines, since a moment', async () => {
    await putRun(site.store, proposedRun(), [line('run.started', {}, 1000), line('run.held', { gate: 'freeze' })]);
    const all = await fetch(`${site.url}/api/v1/audit/export`);
    expect(all.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    const lines = (await all.text()).trimEnd().split('\n');
    expect(lines.map((text) => (JSON.parse(text) as JsonObject)['type'])).toEqual(['run.started', 'run.held']);
    const late = await (await fetch(`${site.url}/api/v1/audit/export?since=1h&cluster=prod`)).text();
    expect(late.trimEnd().split('\n')).toHaveLength(1);
    expect(await (await fetch(`${site.url}/api/v1/audit/export?cluster=staging`)).text()).toBe('');
    expect((await fetch(`${site.url}/api/v1/audit/export?since=lately`)).status).toBe(400);
  });
});

describe('operators', () => {
  test('see the ledger, locks and quarantine', async () => {
    await site.store.accept({ sender: 'loopback', clusters: ['*'], receivedMs: 1, body: '{}', alerts: 3 });
    expect(Ledger.parse((await site.get('/api/v1/ledger')).body)).toEqual({ accepted: 3, handled: 0, pending: 3, quarantined: 0 });
    const run = proposedRun().id;
    const lock = { run, sinceMs: 5, waiting: [{ run: 'run/0000000000000000-1', key: 'prod/Node//w1', sinceMs: 6 }] };
    await site.store.commit({
      partition: 'prod',
      opId: 'a',
      guards: [{ is: 'absent', id: lockId('prod/Node//w1') }],
      changes: [{ do: 'put', id: lockId('prod/Node//w1'), kind: 'lock', value: lock }],
    });
    expect(LockList.parse((await site.get('/api/v1/locks')).body).items).toEqual([
      { key: 'prod/Node//w1', cluster: 'prod', run: shortId(run), since: 5, waiting: [{ run: '0000000000000000-1', since: 6 }] },
    ]);
    const bad = { reason: 'no labels', cluster: 'prod', excerpt: '{}' };
    await site.store.commit({
      partition: INBOX,
      opId: 'b',
      guards: [{ is: 'absent', id: 'quarantine/1' }],
      changes: [{ do: 'put', id: 'quarantine/1', kind: 'quarantine', value: bad }],
    });
    expect(QuarantinePage.parse((await site.get('/api/v1/quarantine')).body).items).toMatchObject([{ id: 'quarantine/1', ...bad }]);
  });

  test('ask for a copy of the store on its own disk, and for its health', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'salvor-'));
    const file = join(folder, 'copy');
    expect((await site.post('/api/v1/store/backup', { file }, 'dina')).body).toMatchObject({ file, sizeBytes: expect.any(Number) });
    expect((await site.post('/api/v1/store/backup', { file: 'copy' }, 'dina')).status).toBe(400);
    expect((await site.get('/api/v1/store/check')).body).toEqual({ ok: true, problems: [] });
    await rm(folder, { recursive: true });
  });

  test('explain a body at a moment', async () => {
    const { body } = await site.post('/api/v1/explain?at=2026-11-21T12:00:00Z', { version: '4' });
    expect(body).toEqual({ alerts: [], body: { version: '4' }, atMs: Date.UTC(2026, 10, 21, 12) });
  });
});
