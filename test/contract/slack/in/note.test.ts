import { describe, expect, test } from 'vitest';
import { shortId } from '../../../../src/model/identity.ts';
import { manifest } from '../../../../src/slack/manifest.ts';
import { BOT } from '../../world/slack/stage.ts';
import { openStage } from './stage.ts';

describe.each(['socket', 'http'] as const)('what somebody points at, over real Bolt in %s mode', (mode) => {
  test('the shortcut, a pushpin and a mention in the thread of a card reach its incident', async () => {
    const stage = await openStage({ mode });
    const { slack, store } = stage;
    const { incident } = await stage.propose();
    const metadata = { event_type: 'salvor_message', event_payload: { keys: [`${incident.id}/card`] } };
    const answered = await slack.call({
      method: 'chat.postMessage',
      contentType: 'application/json',
      authorization: `Bearer ${BOT}`,
      query: new URLSearchParams(),
      body: JSON.stringify({ channel: 'C0DR', text: 'a card', metadata }),
    });
    expect(answered).toMatchObject({ body: { ok: true } });
    const card = slack.messages().at(-1)?.ts ?? '';
    const noted = async (words: string): Promise<unknown> => {
      await slack.until(words, () => stage.told('ana').some((text) => /Noted|Recorded/.test(text)));
      return (await store.mail('prod', incident.id)).map(({ value }) => value);
    };
    await slack.user('ben').say('the vendor is called', { thread: card });
    const said = slack.messages().at(-1)?.ts ?? '';
    expect(await slack.user('ana').shortcut('note', { ts: said })).toMatchObject({ acknowledged: true });
    expect(await noted('the shortcut')).toEqual([
      expect.objectContaining({ kind: 'note', by: 'ana', text: expect.stringMatching(/^ben wrote at .*: the vendor is called$/) }),
    ]);
    await slack.user('ana').react('pushpin', { ts: said });
    await slack.until('the pushpin', () => stage.told('ana').some((text) => text.startsWith('It is on the timeline already')));
    await slack.user('ana').say('@salvor note by a mention', { thread: card });
    await slack.until('the mention', () => stage.told('ana').length >= 3);
    expect(await noted('the mention')).toHaveLength(2);
    await slack.user('ana').say('@salvor status', { thread: card });
    await slack.until('the answer', () => stage.told('ana').some((text) => text.includes(shortId(incident.id).slice(0, 8)) && !text.startsWith('Noted')));
    const inThread = slack
      .user('ana')
      .sees()
      .filter(({ onlyFor }) => onlyFor !== undefined)
      .at(-1);
    expect(inThread?.threadTs).toBe(card);
  });
});

test('the manifest asks for exactly the shortcut and the events that are heard', () => {
  const http = manifest({ mode: 'http', url: 'https://salvor.example.com' });
  expect(http).toMatchObject({
    features: { shortcuts: [{ type: 'message', callback_id: 'note' }] },
    settings: {
      event_subscriptions: { bot_events: ['app_home_opened', 'app_mention', 'reaction_added'], request_url: 'https://salvor.example.com/slack/events' },
    },
  });
});
