import type { Button, KnownBlock } from '@slack/types';
import type { Caller } from '../port/commands.ts';
import { actions, button, context, fitting, section } from './blocks/parts.ts';
import type { Desk } from './desk.ts';
import { MOST } from './limits.ts';
import { type Overview, overviewOf, overviewText } from './overview.ts';
import { incidentLine, stoppedTexts } from './reply/incident.ts';
import { runLine } from './reply/run.ts';
import type { Said } from './reply/said.ts';

/** `/dr` alone: what waits for me, what is open, and the next four things that people ask for. */

export const AGAIN = 'again';
export const FORM = 'form';

const MOST_MINE = 5;
const MOST_INCIDENTS = 10;

/** A button that sends a line again as if it was typed; only what looks is done by it. `name` tells it from others beside it. */
export function again(line: string, label = `/dr ${line}`, name = ''): Button {
  return button(`${AGAIN}:${name}`, { label, value: line });
}

export async function menu(desk: Desk, caller: Caller): Promise<Said> {
  const seen = await overviewOf({ caller, commands: desk.commands });
  const nowMs = desk.clock.nowMs();
  const text = overviewText(seen, nowMs);
  const [first = ''] = text.split('\n');
  const blocks = [
    section([first, ...stoppedTexts(seen.pauses, nowMs)].join('\n').slice(0, MOST.section)),
    ...mineBlocks(seen, nowMs),
    ...incidentBlocks(seen, nowMs),
    actions(await nextButtons(desk, caller)),
  ];
  return { text, blocks: fitting(blocks) };
}

/** What waits for this person's vote, with the buttons of its card. */
export function mineBlocks({ mine, others }: Pick<Overview, 'mine' | 'others'>, nowMs: number): KnownBlock[] {
  const shown = mine.slice(0, MOST_MINE);
  const more = mine.length - shown.length;
  return [
    ...shown.flatMap((run) => {
      const value = `${run.id.replace(/^run\//, '')}:${run.digest ?? ''}`;
      const typed = run.approval?.confirmation !== undefined;
      return [
        section(`*For you* ${runLine(run, nowMs).slice(2)}`.slice(0, MOST.section)),
        actions([
          button('approve', { label: typed ? 'Approve…' : 'Approve', value, style: run.plan?.risk === 'destructive' ? 'danger' : 'primary' }),
          button('reject', { label: 'Reject…', value }),
          button('show', { label: 'Show plan', value }),
        ]),
      ];
    }),
    ...(more > 0 ? [context(`and ${more} more that wait for you`)] : []),
    ...(others.length === 0
      ? []
      : [context([`*For others, or questions*`, ...others.slice(0, MOST_MINE).map((run) => runLine(run, nowMs))].join('\n').slice(0, MOST.section))]),
  ];
}

/** Open incidents, each with a button that shows it. */
export function incidentBlocks({ incidents }: Pick<Overview, 'incidents'>, nowMs: number): KnownBlock[] {
  return incidents.items.slice(0, MOST_INCIDENTS).map((incident): KnownBlock => {
    const text = { type: 'mrkdwn', text: incidentLine(incident, nowMs).slice(2), verbatim: true } as const;
    return { type: 'section', text, accessory: again(`incident ${incident.id}`, 'Look') };
  });
}

/** Restoring is what somebody wants who types nothing else. */
async function nextButtons({ commands }: Desk, caller: Caller): Promise<Button[]> {
  const { items } = await commands.playbooks(caller);
  const restore = caller.rights.includes('run') ? items.find(({ command, aliases }) => command === 'restore' || aliases.includes('restore')) : undefined;
  return [
    ...(restore === undefined ? [] : [button(FORM, { label: 'Restore…', value: restore.id })]),
    again('runs --open', 'Runs under way', 'runs'),
    again('incidents', 'Incidents', 'incidents'),
    again('help', 'Help', 'help'),
  ];
}
