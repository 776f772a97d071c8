import type { KnownBlock } from '@slack/types';
import type { Line } from '../../port/chat.ts';
import { MOST } from '../limits.ts';
import { date, mention, mrkdwn } from '../text.ts';
import { section } from './parts.ts';

const LINE = 1200;

/** The Slack user of a person of the configuration. */
export type IdOf = (person: string) => string | undefined;

/** Lines of the timeline, each with its time; as many sections as they need. Whom a line calls is notified by Slack. */
export function timelineBlocks(lines: readonly Line[], idOf?: IdOf): KnownBlock[] {
  const written = lines.flatMap(({ title, lines: below, atMs, calls = [] }) => [
    `${atMs === undefined ? '' : `${date(atMs)}  `}${mrkdwn(title, LINE)}${calls.map((name) => mention(idOf?.(name))).join('')}`,
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
