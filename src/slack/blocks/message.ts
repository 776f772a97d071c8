import type { ChatMessage, Line } from '../../port/chat.ts';
import { MOST } from '../limits.ts';
import { code, escapedLine, mrkdwn, plainBlock, stacked } from '../text.ts';
import { approvalBlocks } from './approval.ts';
import { cardBlocks } from './card.ts';
import { type Body, context, fields, fitting, header, link, section } from './parts.ts';
import { type IdOf, timelineBlocks } from './timeline.ts';
import { updateBlocks } from './update.ts';

/** Address of the console, and who people are in Slack. */
type Surroundings = { readonly site: string | undefined; readonly idOf?: IdOf | undefined };

/**
 * A message as Slack takes it. Whatever is in it from outside, it fits Slack's limits, pings nobody and links nowhere but to our console; it pings only whom
 * it calls itself, people of the configuration.
 */
export function blocksOf(message: ChatMessage, { site, idOf }: Surroundings): Body {
  return { text: textOf(message), blocks: fitting(shapeOf(message, { site, idOf })) };
}

function shapeOf(message: ChatMessage, { site, idOf }: Surroundings): Body['blocks'] {
  const { kind, title, lines, card, approval, more = [] } = message;
  const incident = message.thread.replace(/^incident\//, '');
  switch (kind) {
    case 'card':
      return card === undefined ? plainShape(message) : cardBlocks(card, { incident, site });
    case 'approval': {
      if (approval?.asked === undefined) return plainShape(message);
      return approvalBlocks({ ...approval, asked: approval.asked }, { title, site });
    }
    case 'file':
      return plainShape(message);
    case 'update':
      return message.update === undefined ? plainShape(message) : updateBlocks(message.update);
    case 'report': {
      const { table = [] } = message;
      const below = lines.map((line) => mrkdwn(line, 1000)).filter((line) => line !== '');
      return [
        section(`*${mrkdwn(title, 1000)}*`),
        ...(below.length === 0 ? [] : [section(stacked(below, MOST.section))]),
        ...(table.length === 0 ? [] : [fields(table.map(([name, value]) => [mrkdwn(name, 100), mrkdwn(value, 300)]))]),
        context(reportOf(incident, site)),
      ];
    }
    case 'timeline':
      return timelineBlocks([message, ...more], idOf);
  }
}

function reportOf(incident: string, site: string | undefined): string {
  if (site === undefined) return `Report: ${code(`salvor report ${incident}`, 300)}`;
  const id = encodeURIComponent(incident);
  return `${link('Report', site, `/api/v1/incidents/${id}/report?format=html`)}  ·  ${link('Console', site, `/incidents/${id}`)}`;
}

function plainShape({ title, lines }: ChatMessage): Body['blocks'] {
  return [header(title), ...timelineBlocks(lines.map((line): Line => ({ key: '', title: line, lines: [] })))];
}

/** What a notification shows, and what a screen reader reads: the answer first. */
function textOf({ title, lines, more = [] }: ChatMessage): string {
  const below = [...lines, ...more.flatMap((line) => [line.title, ...line.lines])];
  const first = escapedLine(title, 1000);
  return below.length === 0 ? first || '–' : `${first}\n${plainBlock(below, MOST.text - 1002)}`;
}
