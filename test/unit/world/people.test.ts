import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/port/chat.ts';
import type { Page } from '../../../src/port/pager.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { recordingChat, recordingPager } from '../../../src/world/people.ts';

const message = (key: string, title: string): ChatMessage => ({ key, thread: 'incident/1', kind: 'card', title, lines: [] });
const page = (action: Page['action'], dedupKey: string): Page => ({ action, dedupKey, target: 'primary', severity: 'critical', summary: 'x', details: {} });

describe('the recording chat', () => {
  test('keeps one message per key, with its newest text', async () => {
    const chat = recordingChat({ clock: virtualClock() });
    const { ref } = await chat.deliver(message('a', 'one'));
    await chat.deliver(message('b', 'two'));
    expect(await chat.deliver(message('a', 'one, changed'))).toEqual({ ref });
    await chat.deliver(message('c', 'two, changed'), { ref: 'm2' });
    expect(chat.thread('incident/1').map(({ title, edits }) => [title, edits])).toEqual([
      ['one, changed', 1],
      ['two, changed', 1],
    ]);
    expect([chat.deliveries().length, chat.thread('other')]).toEqual([4, []]);
  });

  test('refuses while it is down, and takes the message although the reply is lost', async () => {
    const chat = recordingChat({ clock: virtualClock() });
    chat.behave('down');
    await expect(chat.deliver(message('a', 'one'))).rejects.toMatchObject({ code: 'chat.unavailable', retry: 'later' });
    chat.behave('lost-reply');
    await expect(chat.deliver(message('b', 'two'))).rejects.toMatchObject({ code: 'chat.unavailable' });
    expect(chat.messages().map(({ key }) => key)).toEqual(['b']);
  });

  test('can be slow', async () => {
    const clock = virtualClock();
    const chat = recordingChat({ clock });
    chat.behave('slow');
    const delivered = chat.deliver(message('a', 'one'));
    await clock.pass(4000);
    expect(chat.messages()).toEqual([]);
    await clock.pass(1000);
    expect(await delivered).toEqual({ ref: 'm1' });
  });
});

describe('the recording pager', () => {
  test('knows who is still being woken', async () => {
    const pager = recordingPager({ clock: virtualClock() });
    for (const [action, key] of [
      ['trigger', 'a'],
      ['trigger', 'b'],
      ['acknowledge', 'a'],
      ['resolve', 'b'],
    ] as const)
      await pager.send(page(action, key));
    expect([pager.pages().length, pager.open()]).toEqual([4, ['a']]);
    pager.behave('down');
    await expect(pager.send(page('resolve', 'a'))).rejects.toMatchObject({ code: 'pager.unavailable', retry: 'later' });
    expect(pager.open()).toEqual(['a']);
  });
});
