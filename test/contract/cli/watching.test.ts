import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { shortId } from '../../../src/model/identity.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { line, openIncident, openSite, proposedRun, putIncident, putRun, type Site } from '../api/site.ts';
import { type FixedServer, fixedServer, json } from './fixed-server.ts';
import { say } from './terminal.ts';

let site: Site | undefined;
let server: FixedServer | undefined;
afterEach(async () => {
  await site?.close();
  await server?.close();
  site = undefined;
  server = undefined;
});

describe('salvor watch', () => {
  test('prints what was and what comes of a run, of that run alone, until it ends, and then how', async () => {
    site = await openSite();
    const run = await putRun(site.store, proposedRun());
    const about = { run: run.id, state: 'proposed' };
    const incident = await putIncident(site.store, openIncident({ runs: [run.id], openRuns: [run.id] }), [
      line('run.proposed', { ...about, text: 'Proposed d1d1d1d1' }),
      line('run.proposed', { ...about, run: 'run/0000000000000000-1', text: 'Proposed by another run' }),
    ]);
    const heard: string[] = [];
    const watched = say(['watch', shortId(run.id).slice(0, 8)], { url: site.url, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.join('')).toContain('Not yet:');

    const closing = { end: 'done', reason: 'Every stage is verified', mode: 'stop', sinceMs: Date.now(), attempts: 0 } as const;
    await putRun(site.store, { ...run, state: 'done', endedMs: Date.now(), closing });
    await putIncident(site.store, incident, [line('run.ended', { run: run.id, state: 'done', text: 'Ended done' })]);
    const { out, code } = await watched;
    const [heading, ...lines] = out.trimEnd().split('\n');
    expect(heading).toBe(`Run ${shortId(run.id)} from its beginning to its end; Ctrl-C ends`);
    expect(lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}Proposed d1d1d1d1$/),
      '  may       ana (in platform), ben (in platform)',
      '  may not   cleo, dina: is in none of the teams that decide: 2 of platform',
      expect.stringMatching(/^ {2}To approve: {2}salvor approve \w{8} --plan d1d1d1d1$/),
      expect.stringMatching(/^ {2}To reject: {3}salvor reject \w{8} --reason TEXT$/),
      expect.stringMatching(/^ {2}Not yet: {5}salvor hold \w{8} --reason TEXT$/),
      expect.stringMatching(/^\d\d:\d\d:\d\d {2}Ended done$/),
      `node-isolate on w1 is done: Every stage is verified (run ${shortId(run.id).slice(0, 8)}, done)`,
    ]);
    expect(code).toBe(0);
  });

  test('a run that did not end well is a no', async () => {
    site = await openSite();
    const run = await putRun(site.store, proposedRun({ state: 'failed', endedMs: Date.now() }));
    await putIncident(site.store, openIncident(), [line('run.ended', { run: run.id, state: 'failed', text: 'Ended failed' })]);
    expect(await say(['watch', shortId(run.id)], { url: site.url })).toMatchObject({
      code: 1,
      out: expect.stringMatching(/Ended failed\nnode-isolate on w1 failed \(/),
    });
  });

  test('an incident is followed to its close', async () => {
    site = await openSite();
    const incident = await putIncident(site.store, openIncident({ state: 'closed', closedBecause: 'over' }), [line('incident.closed', { text: 'over' })]);
    const { out, code } = await say(['watch', `incident/${shortId(incident.id)}`], { url: site.url });
    expect(out).toMatch(/\nKubeNodeNotReady w1 is closed: over \(incident \w{8}\)\n$/);
    expect(code).toBe(0);
  });

  test('everything is followed until Ctrl-C, which is no fault', async () => {
    site = await openSite();
    const stop = new AbortController();
    const heard: string[] = [];
    const watched = say(['watch', '--json'], { url: site.url, stop: stop.signal, heard: (text) => void heard.push(text) });
    // Lines from now on: notes are written until the first of them was heard.
    let incident = await putIncident(site.store, openIncident());
    await expect
      .poll(async () => {
        if (site !== undefined) incident = await putIncident(site.store, incident, [line('note', { text: 'ana: here' })]);
        return heard.length;
      })
      .toBeGreaterThan(0);
    stop.abort();
    const { code, out } = await watched;
    expect(code).toBe(0);
    for (const text of out.trimEnd().split('\n')) expect(JSON.parse(text)).toMatchObject({ type: 'note', incident: shortId(incident.id), text: 'ana: here' });
  });

  test('a name of nothing is a no, a server that is away at the first try is 3', async () => {
    site = await openSite();
    expect(await say(['watch', '0123456789abcdef-9'], { url: site.url })).toMatchObject({
      code: 1,
      err: expect.stringContaining('neither a run nor an incident'),
    });
    const gone = site.url;
    await site.close();
    site = undefined;
    expect((await say(['watch'], { url: gone })).code).toBe(3);
  });
});

describe('a connection that breaks', () => {
  const RUN = {
    id: '3f9a01c2d4e5f607-1',
    playbook: 'backup-failed',
    cluster: 'prod',
    target: 'daily',
    state: 'executing',
    generation: 1,
    incident: '70ee629df262e044-1',
    createdAt: 1,
    playbookDigest: 'p',
    params: {},
    requestedBy: 'alert',
    facts: {},
    changed: [],
    approvals: [],
    steps: [],
    answers: [],
    locks: [],
    locked: false,
    openIntents: [],
    clocks: { detectMs: 0, decideMs: 0, actMs: 0, proveMs: 0, peopleMs: 0, cleanupMs: 0 },
    journal: [],
  };
  const ENDED = { ...RUN, state: 'done', endedAt: 2, end: 'verified' };
  const change = (n: number, text: string, type = 'step.progress'): string =>
    `id: c${n}\ndata: ${JSON.stringify({ cursor: `c${n}`, incident: RUN.incident, cluster: 'prod', n, at: n, type, text, run: RUN.id, state: 'executing', data: {} })}\n\n`;
  const stream = (response: ServerResponse, ...texts: readonly string[]): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const text of texts) response.write(text);
  };

  test('is made again behind the last line, and lines that come twice are printed once', async () => {
    let connections = 0;
    server = await fixedServer((request, response) => {
      if (!request.url?.startsWith('/api/v1/stream')) return json(response, connections < 2 ? RUN : ENDED);
      connections += 1;
      if (connections === 1) {
        stream(response, ': hello\n\n', change(1, 'one'), change(2, 'two'));
        return void setImmediate(() => response.destroy());
      }
      stream(response, change(2, 'two'), change(3, 'Ended done', 'run.ended'));
    });
    const clock = virtualClock();
    const heard: string[] = [];
    const watched = say(['watch', RUN.id], { url: server.url, clock, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.join('')).toContain('two');
    await expect.poll(async () => (await clock.pass(2100), connections)).toBe(2);
    const { out, err, code } = await watched;
    expect(
      out
        .split('\n')
        .slice(1)
        .map((text) => text.replace(/^\S+ \S+ {2}/, '')),
    ).toEqual(['one', 'two', 'Ended done', 'backup-failed on daily is done: verified (run 3f9a01c2, done)', '']);
    expect(err).toBe(`The connection to ${server.url} is gone; trying again\nConnected again\n`);
    expect(server.asked.filter(({ path }) => path.startsWith('/api/v1/stream')).map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'c2']);
    expect(code).toBe(0);
  });

  test('an end whose line never comes is found by asking now and then', async () => {
    let looks = 0;
    server = await fixedServer((request, response) => {
      if (request.url?.startsWith('/api/v1/stream')) return stream(response, ': hello\n\n');
      looks += 1;
      json(response, looks === 1 ? RUN : ENDED);
    });
    const clock = virtualClock();
    const watched = say(['watch', RUN.id], { url: server.url, clock });
    await expect.poll(() => server?.asked.some(({ path }) => path.startsWith('/api/v1/stream'))).toBe(true);
    let over = false;
    void watched.finally(() => {
      over = true;
    });
    await expect.poll(async () => (await clock.pass(1000), over), { timeout: 5000 }).toBe(true);
    expect(await watched).toMatchObject({ code: 0, out: expect.stringContaining('backup-failed on daily is done: verified') });
  });

  test('a silence that no heartbeat breaks is taken for a break', async () => {
    let connections = 0;
    server = await fixedServer((request, response) => {
      if (!request.url?.startsWith('/api/v1/stream')) return json(response, connections < 2 ? RUN : ENDED);
      connections += 1;
      stream(response, ...(connections === 1 ? [change(1, 'one')] : [change(2, 'Ended', 'run.ended')]));
    });
    const clock = virtualClock();
    const heard: string[] = [];
    const watched = say(['watch', RUN.id], { url: server.url, clock, heard: (text) => void heard.push(text) });
    await expect.poll(() => heard.join('')).toContain('one');
    await expect.poll(async () => (await clock.pass(5000), connections), { timeout: 8000 }).toBe(2);
    expect(await watched).toMatchObject({ code: 0, err: expect.stringContaining('trying again') });
  });
});
