import { SalvorError } from '../../src/model/error.ts';
import type { Chat, ChatMessage } from '../../src/port/chat.ts';
import type { Page, Pager } from '../../src/port/pager.ts';
import { call, type Link } from './link.ts';

/** What the watchers of a history are told of messages: one that the other side took. */
export type PeopleSeen = { delivered(by: string, message: ChatMessage, heard: boolean): void; paged(by: string, page: Page): void };

export function linkedChat(link: Link, inner: Chat, seen: PeopleSeen): Chat {
  const away = (): never => {
    throw new SalvorError('chat.unavailable', 'the chat does not answer', { retry: 'later' });
  };
  const deliver: Chat['deliver'] = (message, before) =>
    call(link, {
      what: `chat ${message.key}`,
      run: async () => {
        const answer = await inner.deliver(message, before);
        // An edit is sent as often as something changes.
        if (before?.ref === undefined) seen.delivered(link.replica.name, message, link.replica.isAlive() && !link.replica.isFrozen());
        return answer;
      },
      refused: away,
      lost: away,
    });
  return { ...inner, deliver };
}

export function linkedPager(link: Link, inner: Pager, seen: PeopleSeen): Pager {
  const away = (): never => {
    throw new SalvorError('pager.unavailable', 'the pager does not answer', { retry: 'later' });
  };
  const send: Pager['send'] = (page) =>
    call(link, {
      what: `page ${page.action}`,
      run: async () => {
        await inner.send(page);
        seen.paged(link.replica.name, page);
      },
      refused: away,
      lost: away,
    });
  return { ...inner, send };
}
