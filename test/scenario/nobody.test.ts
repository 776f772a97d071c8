import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

/** Within 1h, reminded after 15m, then the ladder, one more hour, then expired: as the shipped playbook says. */
async function unanswered() {
  const scene = openScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED, { annotations: { summary: 'Velero backup daily failed' } });
  await scene.pass('16m');
  return scene;
}

test('when nobody answers, people are reminded, paged rung by rung, and told what is still wrong when it expires', async () => {
  const { pass, run, chat, card, pages, calling, writes, incident, timeline } = await unanswered();
  expect(chat()).toContain('Still waiting for an approval of ana or ben');
  expect(pages()).toEqual([]);

  await pass('45m'); // 13:01
  expect(chat()).toContain('Nobody decided; the ladder "default" starts');
  expect(pages()).toEqual(['13:00 platform-primary']);
  expect(await run()).toMatchObject({ state: 'proposed' });
  await pass('31m'); // 13:32
  expect(pages()).toEqual(['13:00 platform-primary', '13:15 platform-secondary', '13:30 incident-command']);
  expect(calling()).toHaveLength(1);
  expect(card()).toContain('Calling people by ladder "default": Nobody decided about backup-failed on daily');

  await pass('30m'); // 14:02
  expect(await run()).toMatchObject({ state: 'expired', end: 'Nobody decided in time; nothing was changed by this plan' });
  expect(await incident()).toMatchObject({ state: 'open', firing: 1, openRuns: 0 });
  expect(card()).toContain('SEV1 VeleroBackupFailed on prod: open');
  expect(card()).toContain('Nobody decided in time; nothing was changed by this plan');
  expect((await timeline()).filter((line) => line.startsWith('Ended '))).toEqual(['Ended expired: Nobody decided in time; nothing was changed by this plan']);
  expect(writes()).toEqual([]);
});

test('a press after the ladder began still counts, and calls nobody more', async () => {
  const { pass, approve, run, pages, calling, writes, incident, resolved } = await unanswered();
  await pass('50m'); // 13:06
  await approve('ana');
  await pass('1h');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
  expect(pages()).toEqual(['13:00 platform-primary']);
  await resolved(DAILY_FAILED);
  await pass('1m');
  expect(await incident()).toMatchObject({ state: 'closed' });
  expect(calling()).toEqual([]);
});

test('an alert that fires again after it expired rests, then starts the next run, which can be approved', async () => {
  const { pass, alert, approve, run, runs, chat, writes } = await unanswered();
  await pass('1h46m'); // 14:02
  const expired = await run();
  expect(expired).toMatchObject({ state: 'expired', id: expect.stringMatching(/-1$/) });

  // Another alert of the same backup: people said nothing, so they are asked again when Alertmanager would repeat itself, not sooner.
  const again = { ...DAILY_FAILED, severity: 'warning' };
  await alert(again);
  await pass('1m');
  expect(await runs()).toHaveLength(1);
  expect(chat()).toContainEqual(expect.stringMatching(/^It fires again so soon that it rests; looked at again at 2026-11-21 18:00/));

  for (let hour = 0; hour < 4; hour += 1) {
    await pass('1h');
    await alert(again);
  }
  await pass('2m');
  expect(chat()).toContain('It still fires after its rest: a run starts');
  const next = await run();
  expect(next).toMatchObject({ state: 'proposed', id: expired.id.replace(/-1$/, '-2'), incident: expired.incident });
  await approve('ana');
  await pass('5m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(1);
});

test('an alert that is over before its rest is starts nothing', async () => {
  const { pass, alert, resolved, runs, pages } = await unanswered();
  await pass('1h46m');
  const again = { ...DAILY_FAILED, severity: 'warning' };
  await alert(again);
  await pass('1h');
  await resolved(again);
  const paged = pages();
  await pass('5h');
  expect(await runs()).toHaveLength(1);
  expect(pages()).toEqual(paged);
});

test('a run that was rejected is not proposed anew before Alertmanager would repeat itself', async () => {
  const { as, alert, resolved, pass, run, runs, pages, incidents } = openScene({ world: failedNight('server-restarted') });
  await alert(DAILY_FAILED);
  await pass('1m');
  const { id } = await run();
  await as('ana', (commands, ana) => commands.reject(ana, id, { reason: 'we make one by hand' }));
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'rejected', end: 'Rejected by ana: we make one by hand' });
  await resolved(DAILY_FAILED);
  await pass('5m');
  await alert(DAILY_FAILED);
  await pass('10m');
  expect(await runs()).toHaveLength(1);
  expect(pages()).toEqual([]);
  expect((await incidents())[0]).toMatchObject({ state: 'open', firing: 1 });
});

test('a question that nobody answers walks the ladder, and then people take over', async () => {
  const question = `
summary: Ask somebody.
params: { thing: { type: text } }
target: { from: params.thing }
stages:
  - id: sure
    ask: { text: Is the old cluster off?, role: commander, answer: { type: yes-no, goOn: [true] }, within: 30m, remind: 10m, otherwise: escalate }
  - id: make
    steps: [{ id: one, action: test.write }]
`;
  const { start, pass, as, run, pages, chat, writes } = openScene({ world: { namespaces: ['app'] }, playbooks: { asking: question } });
  await start('ana', 'asking', { thing: 'shelf' });
  await pass('11m');
  expect(chat()).toContain('Asked commander: Is the old cluster off?');
  expect(chat()).toContain('Still waiting for an answer of commander: Is the old cluster off?');
  const { id } = await run();
  const answered = as('ana', (commands, ana) => commands.answer(ana, id, { ask: 'sure', value: true }));
  await expect(answered).rejects.toMatchObject({ code: 'approval.not-allowed', message: expect.stringContaining('incident-command') });
  await pass('20m');
  expect(pages()).toEqual(['12:30 platform-primary']);
  await pass('31m');
  expect(await run()).toMatchObject({ state: 'handed-over' });
  expect(writes()).toEqual([]);
});
