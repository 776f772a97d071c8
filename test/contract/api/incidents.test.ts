import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shortId } from '../../../src/model/identity.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { IncidentPage, IncidentView } from '../../../src/port/view/incident.ts';
import { line, openIncident, openSite, proposedRun, putIncident, putRun, type Site } from './site.ts';

let site: Site;
beforeEach(async () => {
  site = await openSite({ pressWaitMs: 0 });
});
afterEach(() => site.close());

test('a list gives incidents by state and cluster', async () => {
  await putIncident(site.store, openIncident());
  await putIncident(site.store, openIncident({ id: 'incident/00000000aaaaaaaa-1', state: 'closed' }));
  expect(IncidentPage.parse((await site.get('/api/v1/incidents?state=open&cluster=prod')).body).items.map(({ title }) => title)).toEqual([
    'KubeNodeNotReady w1',
  ]);
  expect(IncidentPage.parse((await site.get('/api/v1/incidents')).body).items).toHaveLength(2);
  expect((await site.get('/api/v1/incidents?cluster=staging')).body['items']).toEqual([]);
  expect((await site.get('/api/v1/incidents?state=opne')).body['detail']).toContain('Did you mean open?');
});

test('one incident has its timeline in words, its runs and everybody who took part', async () => {
  const run = proposedRun();
  await putRun(site.store, run);
  const incident = await putIncident(site.store, openIncident({ lead: 'dina' }), [
    line('run.started', { text: 'node-isolate on w1: looking', run: run.id, facts: { by: 'alert' } }),
    line('approval.vote', { text: 'ana approves by slack', run: run.id, state: 'proposed', facts: { by: 'ana' } }),
    line('approval.granted', { text: 'Approved by ana, ben', run: run.id, facts: { by: ['ana', 'ben'] } }),
    line('note', { text: 'cleo: looking', by: 'cleo', surface: 'slack' }),
  ]);
  const view = IncidentView.parse((await site.get(`/api/v1/incidents/${shortId(incident.id)}`)).body);
  expect(view.people).toEqual(['dina', 'ana', 'ben', 'cleo']);
  expect(view.runs.map(({ id }) => id)).toEqual([shortId(run.id)]);
  expect(view.timeline.map(({ text }) => text)).toEqual(['node-isolate on w1: looking', 'ana approves by slack', 'Approved by ana, ben', 'cleo: looking']);
});

test('notes, severity, lead and close are stored as mail to the incident before they are answered', async () => {
  const { id } = await putIncident(site.store, openIncident());
  const path = `/api/v1/incidents/${shortId(id)}`;
  expect((await site.post(`${path}/notes`, { text: ' the rack is dark ' }, 'cleo')).status).toBe(202);
  const key = { 'idempotency-key': 'one' };
  for (let time = 0; time < 2; time += 1) await site.post(`${path}/notes`, { text: 'twice' }, 'cleo', key);
  expect((await site.post(`${path}/severity`, { severity: 'SEV1' }, 'ana')).status).toBe(202);
  expect((await site.post(`${path}/severity`, { severity: 'SEV9' }, 'ana')).status).toBe(400);
  expect((await site.post(`${path}/lead`, { lead: 'ben' }, 'ana')).status).toBe(202);
  expect((await site.post(`${path}/acknowledge`, {}, 'ana')).status).toBe(202);
  const nobody = await site.post(`${path}/lead`, { lead: 'mallory' }, 'ana');
  expect([nobody.status, nobody.body['detail']]).toEqual([400, expect.stringContaining('knows no person "mallory"')]);
  expect((await site.post(`${path}/close`, { reason: 'over' }, 'ana')).body).toMatchObject({ state: 'recorded' });
  expect((await site.store.mail('prod', id)).map(({ value }) => value)).toEqual([
    { kind: 'note', by: 'cleo', surface: 'api', text: 'the rack is dark' },
    { kind: 'note', by: 'cleo', surface: 'api', text: 'twice' },
    { kind: 'severity', by: 'ana', surface: 'api', severity: 'SEV1' },
    { kind: 'lead', by: 'ana', surface: 'api', lead: 'ben' },
    { kind: 'acknowledge', by: 'ana', surface: 'api', person: true },
    { kind: 'close', by: 'ana', surface: 'api', reason: 'over' },
  ]);
});

test('an incident with open runs is not closed by hand, and a closed one is closed already', async () => {
  const { id } = await putIncident(site.store, openIncident({ openRuns: [proposedRun().id] }));
  const refused = await site.post(`/api/v1/incidents/${shortId(id)}/close`, { reason: 'over' }, 'ana');
  expect([refused.status, refused.body['detail']]).toEqual([409, expect.stringContaining(shortId(proposedRun().id))]);
  await putIncident(site.store, openIncident({ state: 'closed' }));
  expect((await site.post(`/api/v1/incidents/${shortId(id)}/close`, { reason: 'over' }, 'ana')).body).toMatchObject({ state: 'closed' });
});

test('a report comes in three forms', async () => {
  const { id } = await putIncident(site.store, openIncident(), [line('note', { text: 'x' })]);
  await putRun(site.store, proposedRun());
  expect((await site.get(`/api/v1/incidents/${shortId(id)}/report`)).body).toEqual({ id, lines: 1, runs: 1 });
  const markdown = await fetch(`${site.url}/api/v1/incidents/${shortId(id)}/report?format=md`);
  expect([markdown.headers.get('content-type'), await markdown.text()]).toEqual(['text/markdown; charset=utf-8', '# KubeNodeNotReady w1']);
  expect((await site.get(`/api/v1/incidents/${shortId(id)}/report?format=pdf`)).status).toBe(400);
});

describe('the stream', () => {
  type Line = { readonly id: string; readonly n: number; readonly incident: string; readonly text?: string };

  const textsOf = (lines: readonly Line[]): readonly string[] => lines.map(({ text = '' }) => text).toSorted((one, other) => (one < other ? -1 : 1));

  /** Reads lines until there are so many, or until the server ends. */
  async function follow(
    query: string,
    count: number,
    headers: Record<string, string> = {},
    started?: () => unknown,
  ): Promise<{ readonly lines: readonly Line[]; readonly ended: boolean; readonly last: string }> {
    const response = await fetch(`${site.url}/api/v1/stream${query}`, { headers });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const lines: Line[] = [];
    let [text, last, isFirst] = ['', '', true];
    const reader = response.body?.getReader();
    for (let chunk = await reader?.read(); chunk?.done === false; chunk = await reader?.read()) {
      text += new TextDecoder().decode(chunk.value);
      if (isFirst) started?.();
      isFirst = false;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        last = /^id: (.*)$/m.exec(block)?.[1] ?? last;
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) lines.push({ ...(JSON.parse(data) as Line), id: last });
      }
      if (lines.length >= count) {
        await reader?.cancel();
        return { lines, ended: false, last };
      }
    }
    return { lines, ended: true, last };
  }

  async function append(incident: Incident, ...texts: readonly string[]): Promise<Incident> {
    return putIncident(
      site.store,
      incident,
      texts.map((text) => line('note', { text })),
    );
  }

  test('of one incident begins with its beginning, goes on live, and continues behind the last id', async () => {
    let incident = await append(openIncident(), 'one', 'two');
    const query = `?incident=${shortId(incident.id)}`;
    const first = await follow(query, 3, {}, async () => {
      incident = await append(incident, 'three');
    });
    expect(first.lines.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    await append(incident, 'four', 'five');
    const rest = await follow(query, 2, { 'last-event-id': first.last });
    expect(rest.lines.map(({ text, n }) => [text, n])).toEqual([
      ['four', 4],
      ['five', 5],
    ]);
    expect((await follow(`${query}&after=${first.lines[0]?.id ?? ''}`, 4)).lines.map(({ text }) => text)).toEqual(['two', 'three', 'four', 'five']);
  });

  test('of all incidents tells what is new, and continues without a gap and without a repeat', async () => {
    let [a, b] = [await append(openIncident(), 'a1'), await append(openIncident({ id: 'incident/00000000aaaaaaaa-1' }), 'b1')];
    const first = await follow('', 2, {}, async () => {
      a = await append(a, 'a2');
      b = await append(b, 'b2');
    });
    expect(textsOf(first.lines)).toEqual(['a2', 'b2']);
    a = await append(a, 'a3');
    await putIncident(site.store, { ...b, state: 'closed' }, [line('incident.closed', { text: 'b3' })]);
    await append(openIncident({ id: 'incident/00000000cccccccc-1' }), 'c1');
    const rest = await follow('', 3, { 'last-event-id': first.last });
    expect(textsOf(rest.lines)).toEqual(['a3', 'b3', 'c1']);
    // From the first of the two lines on, the other one is still to come; timelines that moved together come in any order.
    const again = await follow('', 4, { 'last-event-id': first.lines[0]?.id ?? '' });
    expect(textsOf(again.lines).toSorted()).toEqual([...textsOf(first.lines.slice(1)), 'a3', 'b3', 'c1'].toSorted());
  });

  test('gives a place to come back to also to those who heard nothing', async () => {
    const incident = await append(openIncident(), 'one');
    const { last } = await follow('', 1, {}, () => site.drain.abort());
    await site.close();
    expect(last).not.toBe('');
    site = await openSite();
    await append(await append(openIncident(), 'one'), 'while away');
    const rest = await follow('', 1, { 'last-event-id': last });
    expect(rest.lines.map(({ text }) => text)).toEqual(['while away']);
    expect(incident.chain.n).toBe(1);
  });

  test('refuses a cursor that is none of ours, and an incident that is not there', async () => {
    for (const [query, status] of [
      ['?after=nonsense', 400],
      ['?after=n5', 400],
      ['?incident=0123456789', 404],
    ] as const)
      expect([query, (await site.get(`/api/v1/stream${query}`)).status]).toEqual([query, status]);
  });

  test('ends when the server stops, and takes so many readers and no more', async () => {
    await putIncident(site.store, openIncident());
    let open = 0;
    const readers = [1, 2, 3].map(() => follow('', 1, {}, () => (open += 1)));
    await expect.poll(() => open).toBe(3);
    const fourth = await site.get('/api/v1/stream');
    expect([fourth.status, fourth.body['code']]).toEqual([503, 'server.busy']);
    site.drain.abort();
    expect((await Promise.all(readers)).map(({ ended }) => ended)).toEqual([true, true, true]);
  });
});
