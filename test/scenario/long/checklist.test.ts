import { expect, test } from 'vitest';
import { SITE_TEXT } from '../../../src/rehearse/site.ts';
import { openScene, type Scene } from '../scene.ts';

/** Two days are many timers, and other tests run beside them. */
const PATIENCE_MS = 60_000;

/** Five things that people do or decide, over two days; the last one is worth a call at any hour. */
const CHECKLIST = `
summary: Bring a lost cluster back by hand, step by step.
params: { thing: { type: text } }
target: { from: params.thing }
stages:
  - { id: mark, approval: { within: 2h }, steps: [{ id: mark, action: test.write, with: { prefix: mark } }] }
  - { id: power, ask: { text: Is the old hall without power?, role: commander, answer: { type: yes-no, goOn: [true] }, confirm: typed, within: 8h, remind: 1h } }
  - { id: name, ask: { text: What is the new cluster called?, role: owner, answer: { type: name }, within: 20h, remind: 4h } }
  - { id: nodes, ask: { text: How many nodes are racked?, role: owner, answer: { type: number }, within: 20h, remind: 2h } }
  - { id: data, ask: { text: Which copy is restored?, role: owner, answer: { type: choice, choose: [east, west] }, within: 10h, remind: 3h } }
  - { id: open, ask: { text: Do the shops sell?, show: [{ from: answers.name.value }], role: commander, answer: { type: yes-no, goOn: [true] }, within: 6h, remind: 1h, otherwise: rollback } }
escalate: default
`;

const NIGHT = `${SITE_TEXT}quiet: { default: { from: '22:00', until: '07:00', timeZone: UTC } }\n`;

/** It is Saturday, 12:00 UTC. */
async function begun(config = NIGHT) {
  const scene = openScene({ world: { namespaces: ['app'] }, playbooks: { checklist: CHECKLIST }, config });
  const { run: id } = await scene.start('ana', 'checklist', { thing: 'prod-hall' });
  await scene.pass('10s');
  await scene.approve('ben');
  await scene.pass('10s');
  const answer = (person: string, ask: string, value: string | boolean | number, confirmation?: string) =>
    scene.as(person, (commands, caller) => commands.answer(caller, id, { ask, value, ...(confirmation === undefined ? {} : { confirmation }) }));
  const lead = (by: string, person: string) => scene.as(by, async (commands, caller) => commands.lead(caller, (await scene.incident()).id, { lead: person }));
  return { ...scene, id, answer, lead };
}

/** Times of the reminders so far, by the clock on the wall. */
async function reminders({ incident }: Pick<Scene, 'incident'>): Promise<readonly string[]> {
  const { timeline } = await incident();
  return timeline.filter(({ type }) => type === 'ask.reminded').map(({ at }) => new Date(at).toISOString().slice(8, 16));
}

test(
  'five people’s steps over two days: reminded by day and not by night, handed from lead to lead, and done',
  async () => {
    const story = await begun();
    const { pass, answer, lead, run, incident, timeline, card, chat, pages, kill, writes } = story;
    expect((await run()).waiting?.ask).toMatchObject({ id: 'power', confirmation: 'prod-hall' });
    await lead('ana', 'ana');
    expect(card()).toContain('Lead: ana');

    // Saturday: who may not, who mistypes, who answers something else, and then who may.
    await expect(answer('ben', 'power', true, 'prod-hall')).rejects.toMatchObject({
      code: 'approval.not-allowed',
      message: expect.stringContaining('incident-command'),
    });
    await expect(answer('cleo', 'power', true)).rejects.toMatchObject({ code: 'approval.confirmation-missing', message: expect.stringContaining('prod-hall') });
    await expect(answer('cleo', 'power', 'mostly', 'prod-hall')).rejects.toMatchObject({ code: 'request.invalid', message: expect.stringContaining('yes-no') });
    await expect(answer('cleo', 'name', 'west')).rejects.toMatchObject({ code: 'request.conflict', message: expect.stringContaining('"power" is') });
    await pass('2h30m');
    expect(await reminders(story)).toEqual(['21T13:00', '21T14:00']);
    await answer('cleo', 'power', true, 'prod-hall');
    expect((await run()).waiting?.ask).toMatchObject({ id: 'name', role: 'owner' });

    // A second answer to the same question is another question's by now.
    await expect(answer('dora', 'power', false, 'prod-hall')).rejects.toMatchObject({ code: 'request.conflict' });
    await pass('6h');
    await lead('ana', 'dora');
    kill();
    await pass('1m');
    expect(card()).toContain('Lead: dora');

    // The night: the reminder of 22:30 comes at seven.
    await pass('11h');
    expect(await reminders(story)).toEqual(['21T13:00', '21T14:00', '21T18:30', '22T07:00']);
    expect(chat().filter((line) => line.startsWith('Still waiting for an answer of owner: What is the new cluster called?'))).toHaveLength(2);
    expect(pages()).toEqual([]);
    await answer('ana', 'name', 'west-2');

    // Sunday: a number, typed as text.
    await expect(answer('ben', 'nodes', 'a dozen')).rejects.toMatchObject({ code: 'request.invalid' });
    await answer('ben', 'nodes', '12');
    await expect(answer('ben', 'data', 'north')).rejects.toMatchObject({ code: 'request.invalid', message: expect.stringContaining('east, west') });
    await lead('ben', 'ben');
    await pass('9h');
    await answer('ben', 'data', 'west');
    await pass('1h');
    kill();
    await answer('dora', 'open', true);
    await pass('1m');

    expect(await run()).toMatchObject({ state: 'done' });
    expect((await run()).answers).toMatchObject([
      { ask: 'power', value: true, by: 'cleo' },
      { ask: 'name', value: 'west-2', by: 'ana' },
      { ask: 'nodes', value: 12, by: 'ben' },
      { ask: 'data', value: 'west', by: 'ben' },
      { ask: 'open', value: true, by: 'dora' },
    ]);
    expect(await incident()).toMatchObject({ state: 'closed', lead: 'ben', people: ['ben', 'ana', 'cleo', 'dora'] });
    const told = await timeline();
    expect(told.filter((line) => line.includes(' leads'))).toEqual(['ana leads', 'dora leads, after ana: set by ana', 'ben leads, after dora']);
    expect(told).toContain('Asked commander: Do the shops sell? (answers.name.value is west-2)');
    expect(writes()).toHaveLength(1);
    expect(pages()).toEqual([]);
  },
  PATIENCE_MS,
);

test(
  'a question that nobody answers by night is called out at night: pages are not reminders',
  async () => {
    const { pass, pages, run, answer, calling } = await begun();
    await pass('8h1m');
    expect(pages()).toEqual(['20:00 platform-primary']);
    await pass('3h');
    expect(pages()).toEqual(['20:00 platform-primary', '20:15 platform-secondary', '20:30 incident-command']);
    await answer('cleo', 'power', true, 'prod-hall');
    await pass('1m');
    expect((await run()).waiting?.ask).toMatchObject({ id: 'name' });
    expect(calling()).toHaveLength(1);
    // Asked at 23:01, so the ladder starts at 19:01 of the next day; nothing before.
    await pass('19h');
    expect(pages()).toHaveLength(3);
  },
  PATIENCE_MS,
);

test(
  'without quiet hours the night is as the day',
  async () => {
    const story = await begun(SITE_TEXT);
    await story.answer('cleo', 'power', true, 'prod-hall');
    await story.pass('18h');
    expect(await reminders(story)).toEqual(['21T16:00', '21T20:00', '22T04:00']);
  },
  PATIENCE_MS,
);

test(
  'an answer outside of what goes on ends it as the question says, and undoes what was done',
  async () => {
    const { answer, pass, run, writes, id, as, timeline } = await begun();
    await answer('cleo', 'power', true, 'prod-hall');
    await answer('ana', 'name', 'west-2');
    await answer('ana', 'nodes', 3);
    await answer('ana', 'data', 'east');
    await answer('cleo', 'open', 'no');
    await pass('1m');
    expect(await run()).toMatchObject({ state: 'rolled-back', end: 'cleo answered false' });
    expect(writes().map((line) => line.replace(/-[0-9a-f]{8}$/, ''))).toEqual(['create ConfigMap/app/mark', 'delete ConfigMap/app/mark']);
    // Late: the run is over, and says so.
    await expect(as('cleo', (commands, cleo) => commands.answer(cleo, id, { ask: 'open', value: true }))).rejects.toMatchObject({
      message: expect.stringContaining('rolled-back'),
    });
    expect((await timeline()).filter((line) => line.startsWith('Ended '))).toHaveLength(1);
  },
  PATIENCE_MS,
);

test(
  'two people answer at the same moment: one of them counts, and the other is told',
  async () => {
    const { answer, run, pass } = await begun();
    const heard = await Promise.allSettled([answer('cleo', 'power', true, 'prod-hall'), answer('dora', 'power', false, 'prod-hall')]);
    await pass('1s');
    expect(heard.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await run()).answers).toHaveLength(1);
  },
  PATIENCE_MS,
);
