import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight } from './scene.ts';
import { openSlackScene, type SlackScene } from './slack-scene.ts';

async function withThread(): Promise<SlackScene & { readonly ts: string; readonly id: string; readonly say: (who: string, text: string) => Promise<string> }> {
  const scene = openSlackScene({ world: failedNight('server-restarted') });
  await scene.alert(DAILY_FAILED);
  await scene.pass('1m');
  const { ts, incident } = await scene.card();
  const say = async (who: string, text: string): Promise<string> => {
    await scene.does(who, (one) => one.say(text, { thread: ts }));
    return scene.slack.messages().findLast((message) => message.threadTs === ts)?.ts ?? '';
  };
  return { ...scene, ts, id: incident, say };
}

test('the shortcut puts what somebody said in the thread on the timeline: who said it, when, who put it there; once, however many do', async () => {
  const { does, say, timeline, told, slack } = await withThread();
  const said = await say('ben', "the vendor's <!channel> is *called*");
  expect(await does('ana', (ana) => ana.shortcut('note', { ts: said }))).toMatchObject({ acknowledged: true });
  await does('ana', (ana) => ana.shortcut('note', { ts: said }));
  await does('cleo', (cleo) => cleo.react('pushpin', { ts: said }));
  await does('ana', async () => slack.eventAgain());
  expect((await timeline()).filter((line) => line.includes('vendor'))).toEqual([
    expect.stringMatching(/^ana: ben wrote at 2026-11-21 12:01:\d\d UTC: the vendor's <!channel> is \*called\*$/),
  ]);
  expect(told('ana')).toEqual([expect.stringMatching(/^Noted /), expect.stringMatching(/^It is on the timeline already/)]);
  expect(told('cleo')).toEqual(expect.arrayContaining([expect.stringMatching(/^It is on the timeline already/)]));
});

test('a pushpin does the same; another reaction, and one that is taken away, do nothing', async () => {
  const { does, say, timeline } = await withThread();
  const said = await say('eve', 'I see errors since 11:50');
  await does('ana', (ana) => ana.react('eyes', { ts: said }));
  expect((await timeline()).join()).not.toContain('11:50');
  await does('ana', (ana) => ana.react('pushpin', { ts: said }));
  expect((await timeline()).at(-1)).toMatch(/^ana: Slack user U0EVE wrote at .*: I see errors since 11:50$/);
});

test('where the place does not say which incident, the shortcut asks; a pushpin says how', async () => {
  const { does, slack, timeline, told } = await withThread();
  await does('ben', (ben) => ben.say('the power is back'));
  const said = slack.messages().at(-1)?.ts ?? '';
  await does('ana', (ana) => ana.react('pushpin', { ts: said }));
  expect(told('ana').at(-1)).toMatch(/^Not noted: this message hangs on no incident\nUse its shortcut/);
  await does('ana', (ana) => ana.shortcut('note', { ts: said }));
  const form = slack.user('ana').modal();
  expect(form).toMatchObject({ callback_id: 'note' });
  const title = JSON.stringify(form).match(/"text":"([^"]*VeleroBackupFailed[^"]*)"/)?.[1] ?? '';
  await does('ana', (ana) => ana.submit({ incident: title }));
  expect((await timeline()).at(-1)).toMatch(/^ana: ben wrote at .*: the power is back$/);
});

test('what Salvor said itself, and what nobody of the configuration points at, is not noted', async () => {
  const { does, say, ts, told, timeline } = await withThread();
  await does('ana', (ana) => ana.shortcut('note', { ts }));
  expect(told('ana').at(-1)).toMatch(/^Not noted: an app said this/);
  const said = await say('ben', 'hello');
  await does('eve', (eve) => eve.react('pushpin', { ts: said }));
  expect(told('eve').at(-1)).toMatch(/^Not noted: the configuration knows nobody with your Slack id/);
  expect((await timeline()).join()).not.toContain('hello');
});

test('a card that somebody else’s app posted is none of ours', async () => {
  const { does, slack, id, told } = await withThread();
  await does('eve', (eve) => eve.say('a card of mine'));
  const forged = slack.messages().at(-1);
  if (forged !== undefined) forged.metadata = { event_type: 'salvor_message', event_payload: { keys: [`incident/${id}/card`] } };
  const ts = forged?.ts ?? '';
  await does('ana', (ana) => ana.react('pushpin', { ts }));
  expect(told('ana').at(-1)).toMatch(/hangs on no incident/);
});

test('in the thread of a card a mention takes the words of /dr, and the incident is implied', async () => {
  const { does, ts, told, timeline, incident, id } = await withThread();
  const mention = async (text: string): Promise<string> => {
    await does('ana', (ana) => ana.say(`@salvor ${text}`, { thread: ts }));
    return told('ana').at(-1) ?? '';
  };
  expect(await mention('status')).toContain(id.slice(0, 8));
  expect(await mention('note the vendor is called')).toMatch(/^Noted/);
  expect((await timeline()).at(-1)).toBe('ana: the vendor is called');
  await mention('severity SEV2');
  expect(await incident()).toMatchObject({ severity: 'SEV2' });
  expect(await mention(`note ${id} by its name`)).toMatch(/^Noted/);
  expect((await timeline()).at(-1)).toBe('ana: by its name');
  expect(await mention('page nobody here knows the storage')).toMatch(/^People are called by the ladder default/);
  expect((await timeline()).join('\n')).toContain('ana calls: nobody here knows the storage');
  expect(await mention('restore')).toMatch(/^Not started: `into` is missing, and a mention opens no form\n.*`\/dr restore namespace`/);
});
