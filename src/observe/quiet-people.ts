import type { Chat } from '../port/chat.ts';
import type { Log } from '../port/log.ts';
import type { Pager } from '../port/pager.ts';

/** Where no chat is configured, what people are asked and told at the end are lines of the log; the timeline and the API have everything. */
export function loggedChat(log: Log): Chat {
  return {
    takes: new Set(['approval', 'report']),
    async deliver({ key, thread, kind, title }, at) {
      // What was decided since is in the log of the run; the question is said once.
      if (at?.ref === undefined) log.info('chat.message', { key, thread, kind, title });
      return { ref: key };
    },
  };
}

/** Where no pager is configured, pages are warnings in the log: nobody is woken, and the first page says so. */
export function loggedPager(log: Log): Pager {
  let said = false;
  return {
    async send({ action, dedupKey, target, severity, summary }) {
      if (!said) log.warn('pager.not-configured', { next: 'pages are only logged; configure pagerduty to wake people' });
      said = true;
      log.warn('pager.page', { action, dedupKey, target, severity, summary });
    },
  };
}
