import type { KnownBlock } from '@slack/types';
import type { Line } from '../../port/chat.ts';
import { MOST } from '../limits.ts';
import { date, mrkdwn } from '../text.ts';
import { section } from './parts.ts';

const LINE = 1200;

/** Lines of the timeline, each with its time; as many sections as they need. */
export function timelineBlocks(lines: readonly Line[]): KnownBlock[] {
  const written = lines.flatMap(({ title, lines: below, atMs }) => [
    `${atMs === undefined ? '' : `${date(atMs)}  `}${mrkdwn(title, LINE)}`,
    ...below.map((line) => mrkdwn(line, LINE)).filter((line) => line !== ''),
  ]);
  const texts: string[] = [];
  for (const line of written) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + line.length + 1 <= MOST.section) texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map(section);
}
