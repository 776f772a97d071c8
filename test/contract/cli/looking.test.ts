import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortId } from '../../../src/model/identity.ts';
import { DIGEST, line, openIncident, openSite, proposedRun, putIncident, putRun, type Site } from '../api/site.ts';
import { firstLine, type Said, say } from './terminal.ts';

let site: Site;
beforeEach(async () => {
  site = await openSite();
});
afterEach(() => site.close());

const ask = (...words: readonly string[]): Promise<Said> => say(words, { url: site.url, person: 'ana' });

describe('salvor runs', () => {
  test('says first how many there are, then one aligned line each', async () => {
    await putRun(site.store, proposedRun());
    const waiting = await putRun(
      site.store,
      proposedRun({ target: 'a-node-with-a-long-name', hold: { kind: 'hold', gate: 'freeze', reason: 'release week' } }),
    );
    const { out, code } = await ask('runs', '--open');
    const [first, head = '', ...rows] = out.trimEnd().split('\n');
    expect(first).toBe('2 open runs');
    expect(head).toMatch(/^RUN +STATE +PLAYBOOK +TARGET +CLUSTER +STARTED +NOW$/);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row.indexOf('node-isolate')).toBe(head.indexOf('PLAYBOOK'));
    expect(rows.find((row) => row.startsWith(shortId(waiting.id)))).toMatch(/proposed .* UTC \(\w+ ago\) +waits for a decision, held by freeze: release week$/);
    expect(code).toBe(0);
  });

  test('says so where there is none, and how to see more where there are more', async () => {
    expect(firstLine(await ask('runs', '--state', 'done,failed'))).toBe('No runs');
    for (const target of ['w1', 'w2', 'w3']) await putRun(site.store, proposedRun({ target }));
    const { out } = await ask('runs', '--limit', '2');
    expect(out).toMatch(/^2 runs, and there are more\n/);
    expect(out).toMatch(/\nMore: --limit 8, or --cursor/);
  });

  test('with --json prints exactly what the API answers', async () => {
    await putRun(site.store, proposedRun());
    const { out } = await ask('runs', '--json');
    expect(JSON.parse(out)).toEqual((await site.get('/api/v1/runs')).body);
  });

  test('a wrong state is wrong use, with the nearest right name', async () => {
    expect(await ask('runs', '--state', 'propsed')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Did you mean proposed?') });
  });
});

describe('salvor show', () => {
  test('says where the run stands, the plan as a list of changes, and the exact command that approves it', async () => {
    const run = await putRun(site.store, proposedRun({ changed: ['the node has another uid'] }), [
      line('run.started', {}),
      line('run.held', { gate: 'freeze', reason: 'frozen' }),
      line('write.intent', { verb: 'patch' }),
    ]);
    const name = shortId(run.id);
    const { out, code } = await ask('show', name.slice(0, 8));
    expect(out.split('\n')[0]).toBe(`node-isolate on w1 waits for a decision: needs 2 of platform, within 15m (run ${name}, proposed)`);
    expect(out).toContain(
      '\nPlan d1d1d1d1: stage isolate, reversible, proposal 1\n  cordon on prod: Cordon w1\n    ~ patch Node/w1 spec.unschedulable: false -> true\n',
    );
    expect(out).toContain('    to undo it:\n      ~ patch Node/w1 spec.unschedulable: true -> false\n');
    expect(out).toContain('\nChanged since the last proposal\n  the node has another uid\n');
    expect(out).toContain(`To approve:  salvor approve ${name.slice(0, 8)} --plan ${DIGEST.slice(0, 8)}\n`);
    expect(out).toMatch(/ {2}finding {3}act: it is silent\n/);
    expect(out).toMatch(/expires 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC \(in 14m \d+s\)/);
    expect(out).toMatch(/\nJournal\n {2}\d\d:\d\d:\d\d {2}node-isolate on w1: looking\n {2}\d\d:\d\d:\d\d {2}Held by freeze: frozen\n$/);
    expect(code).toBe(0);
  });

  test('says who may approve, by which team, who may not and why, what is missing, and who could in an emergency', async () => {
    const run = proposedRun();
    const { approval } = run;
    if (approval?.requirement.kind !== 'people') throw new Error('it asks nobody');
    const vote = { by: 'ana', plan: DIGEST, surface: 'cli', atMs: Date.now() };
    const held = { by: 'ben', reason: 'wait for the owner', sinceMs: Date.now() };
    const requirement = { ...approval.requirement, notRequester: true, breakGlass: { need: [{ team: 'leads', count: 1 }], page: 'security' } };
    const start = { by: 'person', person: 'ben', surface: 'cli', reason: 'the node is old' } as const;
    await putRun(site.store, { ...run, start, approval: { ...approval, requirement, votes: [vote], held } });
    const { out } = await ask('show', shortId(run.id));
    expect(out).toContain(`; its time stands still while it is held
  so far    1 of 2: ana; still needs 1 of platform
  may       ana (in platform)
  may not   ben: asked for this run; somebody else has to approve it
            cleo, dina: is in none of the teams that decide: 2 of platform
  glass     in an emergency 1 of leads may start it without the others (dina); security is called
`);
    expect(out).toMatch(/To go on: {4}salvor release \w{8}\nTo take your own yes back: salvor withdraw \w{8}\n/);
  });

  test('leaves a word that has to be typed on purpose to the person', async () => {
    const asks = {
      kind: 'people',
      need: [{ team: 'platform', count: 1 }],
      notRequester: true,
      withinMs: 900_000,
      remindMs: 0,
      confirmation: 'w1',
      words: 'needs 1 of platform',
    } as const;
    const { approval } = proposedRun();
    if (approval === undefined) throw new Error('no approval');
    const run = await putRun(site.store, proposedRun({ approval: { ...approval, requirement: asks } }));
    const { out } = await ask('show', shortId(run.id));
    expect(out).toMatch(/salvor approve \w{8} --plan d1d1d1d1 --confirm TEXT\n +TEXT is the word w1, typed by you\n/);
    expect(out).toContain('needs 1 of platform, not who asked for it');
  });

  test('shows a question with its values and the command that answers it', async () => {
    const waiting = { for: 'person', what: 'ask', reason: 'Is the load gone?', sinceMs: Date.now() - 5000, untilMs: Date.now() + 60_000, lookMs: 2 } as const;
    const run = await putRun(site.store, proposedRun({ state: 'waiting', stage: 1, waiting }));
    const { out } = await ask('show', shortId(run.id));
    expect(out).toContain('node-isolate on w1 waits for an answer: Is the load gone?');
    expect(out).toContain('  asks      approver: Is the load gone?\n            params.node = "w1"\n');
    expect(out).toContain(`salvor answer ${shortId(run.id).slice(0, 8)} confirm --value yes|no`);
  });

  test('shows steps with their progress, and only the tail of a long journal unless all of it is asked for', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => line('step.progress', { step: 'cordon', progress: `part ${index}` }));
    const base = proposedRun();
    const planned = base.plan?.steps[0];
    if (planned === undefined) throw new Error('no step');
    const step = {
      step: 'cordon',
      stage: 'isolate',
      generation: 1,
      phase: 'observing',
      undo: 'on-failure',
      withinMs: 600_000,
      attempts: 2,
      startedMs: Date.now() - 90_000,
      progress: '40 of 60',
      planned,
    } as const;
    const run = await putRun(site.store, { ...base, state: 'executing', steps: [step] }, [...lines, line('write.intent', { verb: 'patch' })]);
    const { out } = await ask('show', shortId(run.id));
    expect(out).toMatch(/\ncordon +isolate +observing +2 +20\S+ \S+ UTC \(1m 30s ago\) +40 of 60\n/);
    expect(out).toContain('Journal (the last 12 of 30 lines; --all shows every one)');
    expect(out).not.toContain('part 17\n');
    const all = (await ask('show', shortId(run.id), '--all')).out;
    expect(all).toContain('part 0\n');
    expect(all).toContain('write.intent {"verb":"patch"}');
  });

  test('a run that is not there is a no, with where to look', async () => {
    expect(await ask('show', '0123456789abcdef-1')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('salvor runs') });
  });

  test('text from outside cannot steer the terminal', async () => {
    const run = await putRun(site.store, proposedRun({ finding: { kind: 'act', reason: '\u001b]0;title\u0007\u001b[2Jgone' } }));
    const { out } = await ask('show', shortId(run.id));
    expect(out).not.toContain('\u001b');
    expect(out).toContain('gone');
  });
});

describe('salvor incidents and incident', () => {
  test('list them, and show one with its runs, people and timeline', async () => {
    const run = await putRun(site.store, proposedRun());
    const incident = await putIncident(site.store, openIncident({ openRuns: [run.id], runs: [run.id] }), [
      line('incident.opened', { text: 'SEV2 KubeNodeNotReady w1' }),
      line('note', { text: 'ana: I look', by: 'ana' }),
    ]);
    const list = await ask('incidents', '--state', 'open');
    expect(list.out).toMatch(/^1 open incident\nINCIDENT .*\n/);
    expect(list.out).toContain('KubeNodeNotReady w1');
    const { out } = await ask('incident', shortId(incident.id));
    expect(out.split('\n')[0]).toBe(`SEV2 KubeNodeNotReady w1: open, 1 alert fires, 1 open run (incident ${shortId(incident.id)})`);
    expect(out).toContain('  people    ana\n');
    expect(out).toMatch(/\nRuns\n {2}node-isolate on w1 waits for a decision \(run \w{8}, proposed\)\n/);
    expect(out).toMatch(/\nTimeline\n.*SEV2 KubeNodeNotReady w1\n.*ana: I look\n/);
    expect(out).toContain(`A decision is waited for: salvor show ${shortId(run.id).slice(0, 8)}`);
  });

  test('a report comes in the form that is asked for, markdown by itself', async () => {
    const incident = await putIncident(site.store, openIncident());
    expect((await ask('report', shortId(incident.id))).out).toBe('# KubeNodeNotReady w1\n');
    expect(JSON.parse((await ask('report', shortId(incident.id), '--format', 'json')).out)).toMatchObject({ runs: 0 });
    expect(await ask('report', shortId(incident.id), '--format', 'pdf')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Allowed choices are md, html, json'),
    });
  });
});

describe('the account, the audit trail and the store', () => {
  test('the ledger says that every alert is accounted for', async () => {
    const { out, code } = await ask('ledger');
    expect(out).toMatch(/^0 alerts accepted, every one accounted for: none waits\nACCEPTED +HANDLED +PENDING +QUARANTINED\n0 +0 +0 +0\n$/);
    expect(code).toBe(0);
  });

  test('nothing locked and nothing in quarantine is said in words', async () => {
    expect((await ask('locks')).out).toBe('No locks\n');
    expect((await ask('oncall')).out).toBe('Not as of now: no pager is configured: pages are only lines of the log\nNo teams\n');
    expect((await ask('quarantine')).out).toBe('No alerts in quarantine\n');
  });

  test('an audit trail as it was written is ok; one that was changed is a no, and says where', async () => {
    const run = await putRun(site.store, proposedRun(), [line('run.started', {}), line('run.ended', { end: 'done', reason: 'x' })]);
    expect(await ask('audit', 'verify')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^ok: 1 journal, 2 entries, 0 sealed, all as they were written\n$/),
    });
    const exported = await ask('audit', 'export', '--since', '1h');
    expect(
      exported.out
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text).type),
    ).toEqual(['run.started', 'run.ended']);
    // Somebody cuts off the tail of the journal: the head of the run knows better.
    const record = await site.store.get('prod', run.id);
    const value = { ...run, chain: { ...run.chain, n: 3 } };
    await site.store.commit({
      partition: 'prod',
      opId: 'forged',
      guards: [{ is: 'seq', id: run.id, seq: record?.seq ?? 0 }],
      changes: [{ do: 'put', id: run.id, kind: 'run', indexed: record?.indexed ?? {}, value }],
    });
    const verified = await ask('audit', 'verify');
    expect(verified).toMatchObject({ code: 1, out: expect.stringMatching(/^NOT as written: 1 problem in 1 journal/) });
    expect(verified.out).toContain('the tail was cut off: 2 of 3 entries are left');
    expect((await ask('audit', 'verify', '--json')).code).toBe(1);
  });

  test('a check of the running store says ok', async () => {
    expect(await ask('store', 'check')).toMatchObject({ code: 0, out: 'ok: the store is sound\n' });
  });
});
