import { cut } from '../model/cut.ts';
import { redact } from './redact.ts';

/** What Slack, terminals and logs should never be handed: controls, marks that turn text around, and characters without a width. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]|(?![\t\n])\p{Cc}/gu;

const LIMIT = 1000;

/**
 * Text from alerts, people and clusters as a message may show it: one line, nothing invisible, no secret, at most `limit` characters.
 * Characters are code points, so that none is cut in two.
 */
export function plain(text: string, limit = LIMIT): string {
  return cut(redact(visible(text)).replaceAll(/\s+/g, ' ').trim(), limit);
}

/** The same for text whose lines are kept, such as a person's note. */
export function plainLines(text: string, limit = LIMIT): readonly string[] {
  const lines = redact(visible(text))
    .split('\n')
    .map((line) => line.trimEnd());
  const kept: string[] = [];
  let left = limit;
  for (const line of lines) {
    if (left <= 0) break;
    kept.push(cut(line, left));
    left -= line.length + 1;
  }
  while (kept.at(-1) === '') kept.pop();
  return kept;
}

/** Text without what nobody can see, lines and all else kept. */
export function visible(text: string): string {
  return text.toWellFormed().replaceAll(/\r\n?/g, '\n').replaceAll(INVISIBLE, '');
}
