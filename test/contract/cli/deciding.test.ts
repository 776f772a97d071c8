import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortId } from '../../../src/model/identity.ts';
import type { Run } from '../../../src/model/run.ts';
import { DIGEST, openIncident, openSite, plan, policy, proposedRun, putIncident, putRun, readMail, type Site } from '../api/site.ts';
import { firstLine, type Said, say } from './terminal.ts';

let site: Site;
let stopReading: () => void = () => undefined;
beforeEach(async () => {
  await open();
});
afterEach(async () => {
  stopReading();
  await site.close();
});

async function open(options: Parameters<typeof openSite>[0] = {}): Promise<void> {
  site = await openSite(options);
  stopReading = readMail(site);
}

const as = (person: string, ...words: readonly string[]): Promise<Said> => say(words, { url: site.url, person });
const put = (change: Partial<Run> = {}): Promise<Run> => putRun(site.store, proposedRun(change));
const nameOf = (run: Run): string => shortId(run.id).slice(0, 8);

describe('salvor approve', () => {
  test('says that more is needed, then that it goes on; a repeat changes nothing', async () => {
    const name = nameOf(await put());
    const first = await as('ana', 'approve', name, '--plan', DIGEST.slice(0, 8));
    expect(firstLine(first)).toBe(
      `Your approval is recorded: node-isolate on w1 waits for a decision: needs 2 of platform, within 15m (run ${name}, proposed)`,
    );
    expect(first.code).toBe(0);
    expect(firstLine(await as('ana', 'approve', name, '--plan', DIGEST))).toBe(`Nothing changed: ana has approved this plan already (run ${name}, proposed)`);
    expect(firstLine(await as('ben', 'approve', name, '--plan', DIGEST.slice(0, 8)))).toBe(`Approved: node-isolate on w1 goes on (run ${name}, executing)`);
  });

  test('tells the server that the command line asks', async () => {
    const run = await put();
    await as('ana', 'approve', nameOf(run), '--plan', DIGEST);
    const { body } = await site.get(`/api/v1/runs/${shortId(run.id)}`);
    expect(body).toMatchObject({ approvals: [{ by: 'ana', surface: 'cli' }] });
  });

  test('a plan that changed meanwhile is a no: it shows what changed, the plan as it is now, and the new command', async () => {
    const name = nameOf(await put({ changed: ['shop/pg-0 is now on the node'], plan: plan('e2'.repeat(32)) }));
    const { out, err, code } = await as('ana', 'approve', name, '--plan', DIGEST.slice(0, 8));
    expect(code).toBe(1);
    expect(err).toMatch(/^Not approved: d1d1d1d1 is not the current plan/);
    expect(out).toContain('changed: shop/pg-0 is now on the node\n');
    expect(out).toContain('Plan e2e2e2e2: stage isolate');
    expect(out).toContain('~ patch Node/w1 spec.unschedulable: false -> true');
    expect(out).toContain(`salvor approve ${name} --plan e2e2e2e2\n`);
  });

  test('who may not hears why, and who may', async () => {
    const { out, err, code } = await as('cleo', 'approve', nameOf(await put()), '--plan', DIGEST);
    expect([code, err]).toEqual([1, expect.stringMatching(/^cleo is in none of the teams that decide: 2 of platform/)]);
    expect(out).toContain('  may       ana (in platform), ben (in platform)\n  may not   cleo, dina: is in none of the teams that decide: 2 of platform\n');
  });

  test('with --json a refusal is the problem as the API answers it, and still a no', async () => {
    const name = nameOf(await put({ plan: plan('e2'.repeat(32)) }));
    const { out, code } = await as('ana', 'approve', name, '--plan', DIGEST, '--json');
    expect(JSON.parse(out)).toMatchObject({ status: 409, code: 'approval.plan-changed', digest: 'e2'.repeat(32) });
    expect(code).toBe(1);
  });

  test('a missing word is asked for, and the right one counts', async () => {
    const requirement = {
      kind: 'people',
      need: [{ team: 'platform', count: 1 }],
      notRequester: false,
      withinMs: 900_000,
      remindMs: 0,
      confirmation: 'w1',
      words: 'needs 1 of platform',
    } as const;
    const nowMs = Date.now();
    const name = nameOf(await put({ approval: { requirement, askedMs: nowMs, expiresMs: nowMs + 900_000, votes: [] } }));
    const missing = await as('ana', 'approve', name, '--plan', DIGEST);
    expect(missing.code).toBe(1);
    expect(missing.out).toContain('TEXT is the word w1, typed by you');
    expect(firstLine(await as('ana', 'approve', name, '--plan', DIGEST, '--confirm', 'w1'))).toMatch(/^Approved: /);
  });

  test('who may not decide hears who may; who has no token hears where to put one; who forgets the plan used it wrongly', async () => {
    const name = nameOf(await put());
    expect(await as('cleo', 'approve', name, '--plan', DIGEST)).toMatchObject({ code: 1, err: expect.stringContaining('platform') });
    const nobody = await say(['approve', name, '--plan', DIGEST], { url: site.url });
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('SALVOR_TOKEN') });
    const stranger = await say(['approve', name, '--plan', DIGEST], { url: site.url, environment: { SALVOR_TOKEN: 'not-a-token-of-anybody' } });
    expect(stranger.err).toContain('does not know the token');
    expect(stranger.err + stranger.out).not.toContain('not-a-token-of-anybody');
    expect(await as('ana', 'approve', name)).toMatchObject({ code: 2, err: expect.stringContaining("required option '--plan <digest>'") });
  });

  test('a decision that nobody reads yet is told as recorded', async () => {
    stopReading();
    await site.close();
    site = await openSite({ pressWaitMs: 0 });
    const name = nameOf(await put());
    expect(firstLine(await as('ana', 'approve', name, '--plan', DIGEST))).toBe(
      `Recorded: node-isolate on w1 reads it next (run ${name}). salvor show ${name} tells what became of it`,
    );
  });
});

describe('the other decisions', () => {
  test('reject says that the run ends, and wants a reason', async () => {
    const name = nameOf(await put());
    expect(await as('ana', 'reject', name)).toMatchObject({ code: 2, err: expect.stringContaining('--reason') });
    const { out, code } = await as('ana', 'reject', name, '--reason', 'not now');
    expect(out).toMatch(/^Rejected: node-isolate on w1 was rejected: .*not now.* \(run \w{8}, rejected\)\n/);
    expect(code).toBe(0);
  });

  test('cancel says that it stops', async () => {
    const { out } = await as('ana', 'cancel', nameOf(await put()), '--keep', '--reason', 'by hand');
    expect(out).toMatch(/^Stopped: node-isolate on w1 was cancelled: .*by hand/);
  });

  test('a wrong answer shows the question again, a right one is told', async () => {
    const waiting = {
      for: 'person',
      what: 'ask',
      reason: 'Is the load gone?',
      sinceMs: Date.now(),
      untilMs: Date.now() + 60_000,
      lookMs: Date.now() + 60_000,
    } as const;
    const name = nameOf(await put({ state: 'waiting', stage: 1, waiting }));
    const wrong = await as('ana', 'answer', name, 'confirm', '--value', 'perhaps');
    expect(wrong).toMatchObject({ code: expect.toSatisfy((code) => code !== 0), out: expect.stringContaining('--value yes|no') });
    const right = await as('ana', 'answer', name, 'confirm', '--value', 'yes');
    expect(right).toMatchObject({ code: 0, out: expect.stringMatching(/^Answered: node-isolate on w1 /) });
  });

  test('settle takes done or not-done and nothing else', async () => {
    const name = nameOf(await put());
    expect(await as('ana', 'settle', name, 'cordon', '--as', 'maybe')).toMatchObject({ code: 2, err: expect.stringContaining('done, not-done') });
    expect((await as('ana', 'settle', name, 'cordon', '--as', 'done')).code).toBe(1);
  });

  test('supersede needs a right of its own', async () => {
    const name = nameOf(await put());
    expect(await as('ana', 'supersede', name, '--reason', 'mine')).toMatchObject({ code: 1, err: expect.stringContaining('incident-command') });
    expect(firstLine(await as('dina', 'supersede', name, '--reason', 'mine'))).toMatch(/^Taken over: node-isolate on w1 /);
  });
});

describe('salvor run', () => {
  // Nothing drives the runs that start here, so nobody reads them either.
  beforeEach(() => stopReading());

  test('starts a run with parameters by name, and says how to follow it', async () => {
    const { out, code } = await as('ana', 'run', 'node-isolate', '--param', 'node=w7', '--param', 'grace=60', '--reason', 'noise');
    expect(out).toMatch(/^Started node-isolate: (\w{8})\w*-1\nFollow it: salvor watch \1\n$/);
    expect(code).toBe(0);
    const { body } = await site.get('/api/v1/runs?target=w7');
    const [run] = body['items'] as { id: string }[];
    expect((await site.get(`/api/v1/runs/${run?.id}`)).body).toMatchObject({ params: { node: 'w7', grace: 60 }, requestedBy: 'ana', reason: 'noise' });
    expect(firstLine(await as('ana', 'run', 'node-isolate', '--param', 'node=w7', '--param', 'grace=60'))).toMatch(/^Already under way: /);
  });

  test('the same key twice starts one run and answers the same', async () => {
    const words = ['run', 'node-isolate', '--param', 'node=w8', '--key', 'deploy-17'];
    const [first, second] = [await as('ana', ...words), await as('ana', ...words)];
    expect(second).toEqual(first);
  });

  test('a dry run says what it would propose, and whom it would ask', async () => {
    const { out, code } = await as('ana', 'run', 'node-isolate', '--param', 'node=w1', '--dry-run');
    expect(out.split('\n')[0]).toBe('node-isolate on w1 would propose the plan below: it is silent (dry run on prod; nothing was written)');
    expect(out).toContain('  seen: no lease for 5m\n');
    expect(out).toContain('~ patch Node/w1 spec.unschedulable: false -> true');
    expect(code).toBe(0);
  });

  test('a parameter without a value, an unknown playbook and a wrong parameter are told as such', async () => {
    expect(await as('ana', 'run', 'node-isolate', '--param', 'w1')).toMatchObject({ code: 2, err: expect.stringContaining('--param w1: expected name=value') });
    expect(await as('ana', 'run', 'node-isolat')).toMatchObject({ code: 1, err: expect.stringContaining('Did you mean node-isolate?') });
    expect(await as('ana', 'run', 'node-isolate', '--param', 'nod=w1')).toMatchObject({ code: 2, err: expect.stringContaining('nod') });
  });
});

describe('the switch', () => {
  test('pause and resume say what holds, where, and until when', async () => {
    const { out } = await as('ana', 'pause', '--for', '2h', '--cluster', 'prod', '--reason', 'storage move');
    expect(out).toMatch(/^Paused every playbook on prod: nothing is written until 20\S+ \S+ UTC \(in (2h|1h 59m)\)\nCLUSTER /);
    expect(out).toMatch(/\nprod +every one +ana .* storage move\n/);
    expect(firstLine(await as('ben', 'pause', '--playbook', 'node-isolate', '--reason', 'odd'))).toBe(
      'Paused node-isolate on every cluster: nothing is written until somebody resumes (salvor resume)',
    );
    expect(firstLine(await as('ana', 'resume', '--cluster', 'prod'))).toBe('Resumed every playbook on prod; these pauses stay:');
    expect(firstLine(await as('ana', 'resume', '--playbook', 'node-isolate'))).toBe('Resumed node-isolate on every cluster: nothing is paused any more');
    expect((await as('ana', 'pause')).code).toBe(2);
    expect((await as('ana', 'pauses')).out).toBe('Nothing is paused or frozen\n');
    expect(await as('ana', 'pause', '--for', 'soon', '--reason', 'x')).toMatchObject({ code: 2, err: expect.stringContaining('30s, 15m or 4h') });
  });
});

describe('a freeze', () => {
  test('says what still goes, until when and how it ends; ended by its name', async () => {
    const { out } = await as('ana', 'freeze', 'storage-move', '--until', '2h', '--cluster', 'prod', '--reason', 'the storage team works');
    expect(out).toMatch(/^Frozen on prod: nothing but an undo is written until 20\S+ \S+ UTC \(in (2h|1h 59m)\) \(salvor unfreeze storage-move\)\nCLUSTER /);
    expect((await as('ana', 'pauses')).out).toMatch(
      /^Frozen: nothing but an undo is written\nCLUSTER +FREEZE .*\nprod +storage-move +ana .* the storage team works\n/,
    );
    expect(await as('ana', 'freeze', 'x', '--until', 'soon', '--reason', 'y')).toMatchObject({ code: 2, err: expect.stringContaining('18:00') });
    expect(await as('ana', 'unfreeze', 'storage')).toMatchObject({ code: 1, err: expect.stringContaining('By hand: "storage-move"') });
    expect(firstLine(await as('ana', 'unfreeze', 'storage-move'))).toBe('Ended the freeze storage-move on every cluster: nothing is frozen or paused any more');
  });
});

describe('an incident', () => {
  test('takes notes, a severity, a lead and its end; nobody reads them here, so they are recorded', async () => {
    stopReading();
    await site.close();
    site = await openSite({ pressWaitMs: 0, policy });
    const incident = shortId((await putIncident(site.store, openIncident())).id);
    const tag = `(incident ${incident.slice(0, 8)}, recorded)\n`;
    expect(await as('ana', 'note', incident, 'the vendor is called')).toMatchObject({ code: 0, out: expect.stringMatching(/^Recorded; .*\)\n$/) });
    expect((await as('ana', 'severity', incident, 'SEV1')).out).toContain(tag);
    expect((await as('ana', 'lead', incident, 'ben')).out).toContain(tag);
    expect((await as('ana', 'role', incident, 'communications', 'cleo')).out).toContain(tag);
    expect((await as('ana', 'update', incident, 'half of it is back')).out).toContain(tag);
    expect((await as('ana', 'acknowledge', incident)).out).toContain(tag);
    expect((await as('ana', 'close', incident, '--reason', 'over')).out).toContain(tag);
    const mail = (await site.store.mail('prod', `incident/${incident}`)).map(({ value }) => value);
    expect(mail).toMatchObject([
      { kind: 'note', text: 'the vendor is called', surface: 'cli' },
      { kind: 'severity', severity: 'SEV1' },
      { kind: 'lead', lead: 'ben', by: 'ana' },
      { kind: 'communications', person: 'cleo', by: 'ana' },
      { kind: 'update', text: 'half of it is back', by: 'ana' },
      { kind: 'acknowledge', by: 'ana', person: true },
      { kind: 'close', reason: 'over' },
    ]);
    expect(await as('ana', 'lead', incident, 'bne')).toMatchObject({ code: 2, err: expect.stringContaining('no person "bne". Did you mean ben?') });
    expect((await as('ana', 'severity', incident, 'SEV9')).code).toBe(2);
  });
});
