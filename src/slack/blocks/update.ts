import type { KnownBlock } from '@slack/types';
import type { UpdateFacts } from '../../port/chat.ts';
import { code, date, mrkdwn } from '../text.ts';
import { context, fields, header, section } from './parts.ts';

/** What others are told: how it stands, and the last words of a person. No buttons: nothing is decided here. */
export function updateBlocks({ severity, state, title, cluster, openedMs, sinceMs, lead, communications, said }: UpdateFacts): KnownBlock[] {
  const words = said === undefined ? [] : [section(mrkdwn(said.text, 2500)), context(`${mrkdwn(said.by, 100)}, ${date(said.atMs, 'date and time')}`)];
  return [
    header(`${severity} ${title}: ${state}`),
    ...words,
    fields([
      ['State', `${state} since ${date(sinceMs, 'date and time')}`],
      ['Began', date(openedMs, 'date and time')],
      ['Cluster', code(cluster, 200)],
      ['Ask', mrkdwn(communications ?? lead ?? 'nobody yet', 100)],
    ]),
  ];
}
