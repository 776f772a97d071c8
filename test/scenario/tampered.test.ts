import { describe, expect, test } from 'vitest';
import { chain, emptyChain } from '../../src/model/entry.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { DAILY_FAILED, failedNight, openScene, type Scene } from './scene.ts';

/** A story that is over, with its journals sealed. */
async function over() {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  await scene.approve('ana');
  await scene.pass('5m');
  await scene.resolved(DAILY_FAILED);
  await scene.pass('1m');
  return scene;
}

type Lines = ReturnType<Scene['state']['entries']['get']>;

/** Another hand changes a journal in the store itself. */
function spoil({ state }: Scene, prefix: string, how: (lines: NonNullable<Lines>) => Lines): string {
  const [key] = [...state.entries.keys()].filter((one) => one.split('\0')[1]?.startsWith(prefix));
  const lines = key === undefined ? undefined : state.entries.get(key);
  if (key === undefined || lines === undefined) throw new Error(`no journal ${prefix}`);
  const spoiled = how(lines);
  if (spoiled === undefined) state.entries.delete(key);
  else state.entries.set(key, spoiled);
  return key.split('\0')[1] ?? '';
}

describe('the audit', () => {
  test('finds everything as it was written, after a whole story and a kill', async () => {
    const scene = await over();
    scene.kill();
    await scene.pass('1m');
    const audit = await scene.audit();
    expect(audit).toMatchObject({ ok: true, problems: [] });
    // The run, the incident and the audit's own journal.
    expect(audit.journals).toBe(3);
    expect(audit.sealed).toBe(2);
    const exported: string[] = [];
    await scene.as('ana', async (commands, ana) => {
      for await (const line of commands.auditExport(ana, {})) exported.push(`${line.journal} ${line.n} ${line.type}`);
    });
    expect(exported).toHaveLength(audit.entries);
    expect(exported).toContainEqual(expect.stringMatching(/^run\/\S+ \d+ approval\.granted$/));
  });

  test.each([
    [
      'a vote is put into another mouth',
      'run/',
      (lines) => lines.map((line) => ({ ...line, data: line.data.replaceAll('"ana"', '"ben"') })),
      /entry \d+ was changed after it was written/,
    ],
    ['a line is dropped', 'run/', (lines) => lines.filter(({ n }) => n !== 4), /entry 4 is missing/],
    [
      'two lines are swapped',
      'run/',
      (lines) => lines.map((line, at) => ({ ...line, data: lines[at === 2 ? 3 : at === 3 ? 2 : at]?.data ?? '' })),
      /entry 3 was changed/,
    ],
    ['the end is cut off', 'run/', (lines) => lines.slice(0, -2), /the tail was cut off/],
    [
      'the timeline is edited',
      'incident/',
      (lines) => lines.map((line) => (line.n === 1 ? { ...line, atMs: line.atMs - 3_600_000 } : line)),
      /entry 1 was changed/,
    ],
    ['a journal is gone', 'run/', () => undefined, /the tail was cut off: 0 of \d+ entries are left/],
  ] satisfies readonly [string, string, (lines: NonNullable<Lines>) => Lines, RegExp][])('finds it when %s', async (_, prefix, how, reason) => {
    const scene = await over();
    const journal = spoil(scene, prefix, how);
    expect(await scene.audit()).toMatchObject({ ok: false, problems: [{ cluster: 'prod', journal, reason: expect.stringMatching(reason) }] });
  });

  test('finds it when a journal is written anew as a whole, with its record', async () => {
    const scene = await over();
    const journal = spoil(scene, 'run/', (lines) => {
      const { id } = [...scene.state.records.values()].find(({ kind }) => kind === 'run') ?? { id: '' };
      const drafts = lines.map(({ type, atMs, data }) => ({ type, atMs, data: JSON.parse(data.replaceAll('"ana"', '"ben"')) as JsonObject }));
      const { entries, head } = chain(id, emptyChain, drafts);
      for (const [key, record] of scene.state.records)
        if (record.id === id) scene.state.records.set(key, { ...record, value: JSON.stringify({ ...JSON.parse(record.value), chain: head }) });
      return entries.map((entry, at) => ({ ...entry, data: JSON.stringify(entry.data), opId: lines[at]?.opId ?? '' }));
    });
    // The chain of the journal itself is whole; the seal is not its head's.
    expect(await scene.audit()).toMatchObject({ ok: false, problems: [{ journal, reason: expect.stringMatching(/is not the one that was sealed/) }] });
  });

  test('finds it when a run vanishes with everything that is its own', async () => {
    const scene = await over();
    const journal = spoil(scene, 'run/', () => undefined);
    for (const [key, { id }] of scene.state.records) if (id === journal) scene.state.records.delete(key);
    expect(await scene.audit()).toMatchObject({ ok: false, problems: [{ journal, reason: expect.stringContaining('the whole journal is missing') }] });
  });

  test('finds every single entry that is changed, dropped, swapped or added, and names the place', async () => {
    const scene = await over();
    const audited = async (): Promise<readonly { readonly journal: string; readonly reason: string }[]> => (await scene.audit()).problems;
    const missed: string[] = [];
    let tried = 0;
    for (const [key, lines] of scene.state.entries) {
      const journal = key.split('\0')[1] ?? '';
      for (const [at, line] of lines.entries()) {
        const next = lines[at + 1];
        const forged = { ...line, n: lines.length + 1, data: line.data };
        const ways: readonly (readonly [string, typeof lines])[] = [
          ['data', lines.with(at, { ...line, data: JSON.stringify({ ...JSON.parse(line.data), forged: true }) })],
          ['type', lines.with(at, { ...line, type: `${line.type}x` })],
          ['time', lines.with(at, { ...line, atMs: line.atMs + 1 })],
          ['hash', lines.with(at, { ...line, hash: line.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })],
          ['dropped', lines.toSpliced(at, 1)],
          ...(next === undefined ? [] : [['swapped', lines.with(at, { ...next, n: line.n }).with(at + 1, { ...line, n: next.n })] as const]),
          ...(next === undefined ? [['added', [...lines, forged]] as const] : []),
        ];
        for (const [how, spoiled] of ways) {
          tried += 1;
          scene.state.entries.set(key, spoiled);
          const problems = await audited();
          if (!problems.some((problem) => problem.journal === journal && /\d/.test(problem.reason)))
            missed.push(`${journal} ${line.n} ${how}: ${JSON.stringify(problems)}`);
        }
      }
      scene.state.entries.set(key, lines);
    }
    expect(await audited()).toEqual([]);
    expect(tried).toBeGreaterThan(150);
    expect(missed).toEqual([]);
  }, 60_000);
});
