import type { KnownBlock } from '@slack/types';
import { counted } from '../../model/counted.ts';
import type { CardFacts } from '../../port/chat.ts';
import { MOST } from '../limits.ts';
import { code, date, mrkdwn, stacked } from '../text.ts';
import { actions, button, context, fields, header, link, section } from './parts.ts';

const CHANNEL = /^[CG][A-Z0-9]{2,}$/;

/** The card of an incident: how it stands is the first line, who leads and what goes on now below, and two buttons while it is open. */
export function cardBlocks(card: CardFacts, { incident, site }: { readonly incident: string; readonly site: string | undefined }): KnownBlock[] {
  const { severity, state, title, cluster, sinceMs, updatedMs, lead, communications, channel, firing, openRuns, runs, notices, latest } = card;
  const said = [...notices, ...latest].map((line) => mrkdwn(line, 500)).filter((line) => line !== '');
  const console = site === undefined ? '' : `  ·  ${link('Console', site, `/incidents/${encodeURIComponent(incident)}`)}`;
  return [
    header(`${severity} ${title}: ${state}`),
    fields([
      ['State', `${state} since ${date(sinceMs, 'date and time')}`],
      ['Cluster', code(cluster, 200)],
      ['Lead', lead === undefined ? 'nobody yet' : mrkdwn(lead, 100)],
      ...(communications === undefined ? [] : [['Communications', mrkdwn(communications, 100)] as const]),
      ...(channel === undefined || !CHANNEL.test(channel) ? [] : [['Channel', `<#${channel}>`] as const]),
      ['Now', `${counted(firing, 'alert')} firing, ${openRuns} of ${counted(runs, 'run')} open`],
    ]),
    ...(said.length === 0 ? [] : [section(stacked(said, MOST.section))]),
    context(`Last change ${date(updatedMs)}  ·  ${code(incident, 200)}${console}`),
    ...(state === 'closed'
      ? []
      : [
          actions([
            button('acknowledge', { label: 'Acknowledge', value: incident, style: 'primary' }),
            button('lead', { label: 'Take lead', value: incident }),
          ]),
        ]),
  ];
}
