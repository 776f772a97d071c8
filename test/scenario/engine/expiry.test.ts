import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const MINUTE_MS = 60_000;
const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

const two = (rest: string): string => `
stages:
  - { id: first, steps: [{ id: one, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }] }
  - { id: second, ${rest}, steps: [{ id: two, action: test.write, with: { prefix: two } }] }
`;

async function proposedTwice(rest: string) {
  const story = await stage({ playbook: two(rest) });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect((await story.run(id)).plan?.stage).toBe('second');
  story.sim().forgetWrites();
  return { ...story, id };
}

describe('a proposal that nobody answers', () => {
  test('reminds, starts the ladder, waits one more time and ends expired: no answer is never a yes', async () => {
    const { id, clock, state, lines, pages, sim } = await proposedTwice('onExpire: escalate');
    await clock.pass(5 * MINUTE_MS);
    expect(await lines(id, 'run.proposed')).toEqual(['run.proposed', 'approval.reminded']);
    await clock.pass(11 * MINUTE_MS);
    expect(await pages()).toEqual(['Nobody decided about story on thing']);
    expect(await state(id)).toBe('proposed');
    await clock.pass(15 * MINUTE_MS);
    expect(await state(id)).toBe('expired');
    expect(await lines(id, 'run.proposed')).toEqual([
      'run.proposed',
      'approval.reminded',
      'approval.reminded',
      'approval.escalated',
      'approval.expired',
      'run.closing',
      'write.intent',
      'write.outcome',
      'undo.done',
      'run.ended',
    ]);
    expect(plain(sim().writes())).toEqual(['delete ConfigMap/app/kept']);
  });

  test('can still be approved after the ladder has started, which then stops', async () => {
    const { id, clock, approve, state, told, run } = await proposedTwice('onExpire: escalate');
    await clock.pass(20 * MINUTE_MS);
    const digest = (await run(id)).plan?.digest.slice(0, 8) ?? '';
    await approve(id);
    expect(await state(id)).toBe('done');
    expect((await told()).flatMap((mail) => (mail.kind === 'calm' ? [mail.key] : []))).toEqual([`${id}/${digest}`]);
  });

  test.each([
    ['stop', ['delete ConfigMap/app/kept']],
    ['rollback', ['delete ConfigMap/app/kept', 'delete ConfigMap/app/made']],
  ])('with onExpire: %s ends at once, pages, and undoes what it must', async (onExpire, undone) => {
    const { id, clock, state, sim, pages } = await proposedTwice(`onExpire: ${onExpire}`);
    await clock.pass(15 * MINUTE_MS);
    expect(await state(id)).toBe('expired');
    expect(plain(sim().writes())).toEqual(undone);
    expect(await pages()).toEqual(['Nobody decided in time; nothing was changed by this plan']);
  });

  test('takes the time that its playbook gives, and reminds by it', async () => {
    const { id, clock, state, lines } = await proposedTwice('onExpire: stop, approval: { within: 3h, remind: 1h }');
    await clock.pass(179 * MINUTE_MS);
    expect([await state(id), (await lines(id)).filter((type) => type === 'approval.reminded')]).toEqual([
      'proposed',
      ['approval.reminded', 'approval.reminded'],
    ]);
    await clock.pass(MINUTE_MS);
    expect(await state(id)).toBe('expired');
  });

  test('refuses a press that comes too late', async () => {
    const { id, clock, stop, restart, approve, line, state } = await proposedTwice('onExpire: stop');
    await stop();
    await clock.pass(15 * MINUTE_MS + 1);
    await approve(id);
    restart();
    await clock.pass(1000);
    expect(await line(id, 'approval.refused')).toMatchObject({ by: 'ana', reason: 'The proposal had expired' });
    expect(await state(id)).toBe('expired');
  });
});

describe('a rejected proposal', () => {
  test.each([
    ['rollback', ['delete ConfigMap/app/kept', 'delete ConfigMap/app/made'], 0],
    ['stop', ['delete ConfigMap/app/kept'], 0],
    ['escalate', ['delete ConfigMap/app/kept'], 1],
  ])('with onReject: %s ends rejected and undoes what it must', async (onReject, undone, paged) => {
    const { id, reject, clock, state, sim, pages, line } = await proposedTwice(`onReject: ${onReject}`);
    await reject(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('rejected');
    expect(plain(sim().writes())).toEqual(undone);
    expect(await pages()).toHaveLength(paged);
    expect(await line(id, 'approval.rejected')).toMatchObject({ by: 'ana', reason: 'not today' });
  });
});
