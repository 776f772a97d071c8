import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

async function proposedRetry() {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  const approvals = () => scene.world.chat.messages().filter(({ kind }) => kind === 'approval');
  return { ...scene, approvals };
}

test('the question says what would be done, how it is taken back and who decides; answered, it says so, and nothing is left to decide', async () => {
  const { approvals, approve, pass, run } = await proposedRetry();
  const { digest } = await run();
  expect(approvals()).toMatchObject([
    {
      approval: {
        plan: digest,
        asked: {
          policy: expect.stringContaining('needs 1 of platform'),
          typed: false,
          steps: [{ cluster: 'prod', changes: 1, diff: [expect.stringMatching(/^create Backup\/velero\//)] }],
        },
      },
    },
  ]);
  expect(approvals()[0]?.approval?.asked?.steps[0]?.back).toMatch(/^none: ./);

  await approve('ana');
  await pass('5m');
  expect(approvals()).toHaveLength(1);
  expect(approvals()[0]).toMatchObject({
    title: expect.stringMatching(/^Approved by ana via /),
    approval: { votes: [{ by: 'ana' }], over: { how: 'approved' } },
  });
});

test('rejected, it says by whom and why', async () => {
  const { approvals, as, pass, run } = await proposedRetry();
  const { id } = await run();
  await as('ben', (commands, ben) => commands.reject(ben, id, { reason: 'not tonight' }));
  await pass('1m');
  expect(approvals()).toMatchObject([{ approval: { over: { how: 'rejected', text: expect.stringMatching(/^Rejected by ben via .*: not tonight$/) } } }]);
});

test('the end of the incident says what was measured', async () => {
  const { approve, pass, resolved, world } = await proposedRetry();
  await approve('ana');
  await pass('5m');
  await resolved(DAILY_FAILED);
  await pass('5m');
  const report = world.chat.messages().find(({ kind }) => kind === 'report');
  const names = report?.table?.map(([name]) => name);
  expect(names).toEqual([expect.stringContaining('backup-failed on daily'), 'RTO', 'RPO', 'Detect, decide', 'Act, prove', 'Waiting for people']);
});
