import { plain, visible } from '../domain/plain.ts';
import { redact } from '../domain/redact.ts';

/**
 * The one place where text from alerts, clusters and people becomes text that Slack may show: nobody is pinged by it, nothing becomes a link, and it
 * cannot leave the code span that it is in. Every limit counts what is sent, escapes included, as Slack counts it.
 * Source  Slack developer documentation, "Formatting message text": `&`, `<` and `>` are its control characters, and are escaped in this order.
 */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One line, escaped, at most `limit` characters as they are sent. */
export function escapedLine(text: string, limit: number): string {
  return escapedWithin(line(text, limit), limit);
}

/**
 * One line for a `plain_text` object, at most `limit` characters. It knows no formatting, mentions or links, and escapes may be shown as they are
 * written: angle brackets become signs that look the same.
 */
export function plainText(text: string, limit: number): string {
  const shown = line(text, limit).replaceAll('<', '‹').replaceAll('>', '›');
  return shown.length <= limit ? shown : plain(shown, Math.floor(limit / 2));
}

/** One line inside of mrkdwn that formats nothing: what would make it bold, struck or a quotation is shown as it is. */
export function mrkdwn(text: string, limit: number): string {
  return escapedWithin(harmless(line(text, limit)), limit);
}

/** A span of code with one line in it. Backticks become another sign, so none ends it. */
export function code(text: string, limit: number): string {
  const inside = escapedWithin(withoutTicks(line(text, limit)), limit - 2);
  return inside === '' ? '' : `\`${inside}\``;
}

/** A block of code, a line for each; as many as fit. */
export function codeBlock(lines: readonly string[], limit: number): string {
  const shown = lines.map((one) => withoutTicks(line(one, limit))).filter((one) => one !== '');
  const inside = escapedWithin(shown.join('\n'), limit - 8);
  return inside === '' ? '' : `\`\`\`\n${inside}\n\`\`\``;
}

/** Several lines of what people may say, escaped; ends of lines are kept. */
export function plainBlock(lines: readonly string[], limit: number): string {
  return escapedWithin(lines.map((one) => redact(visible(beginning(one, limit))).trimEnd()).join('\n'), limit);
}

/** A person in Slack, who is notified, behind a space; empty for what is no id of one. */
export function mention(id: string | undefined): string {
  return id !== undefined && /^[UW][A-Z0-9]{1,20}$/.test(id) ? ` <@${id}>` : '';
}

/** Lines that were made here, one below the other: as many whole ones as fit. */
export function stacked(lines: readonly string[], limit: number): string {
  let text = '';
  for (const one of lines) {
    if (one === '') continue;
    const next = text === '' ? one : `${text}\n${one}`;
    if (next.length > limit) break;
    text = next;
  }
  return text;
}

/** A time as each reader's own clock shows it, with our own words where Slack cannot. Only ever made of a number. */
export function date(atMs: number, as: 'time' | 'date and time' = 'time'): string {
  const seconds = Math.floor(atMs / 1000);
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime())) return `${atMs} ms`;
  const text = moment.toISOString();
  const words = `${as === 'time' ? '' : `${text.slice(0, 10)} `}${text.slice(11, 16)} UTC`;
  return `<!date^${seconds}^${as === 'time' ? '{time}' : '{date_short_pretty} {time}'}|${words}>`;
}

function line(text: string, limit: number): string {
  return plain(beginning(text, limit), limit);
}

/** Of a megabyte nobody reads more than its beginning; what cannot be seen in it may be much. */
function beginning(text: string, limit: number): string {
  return text.slice(0, 20 * limit + 2000);
}

/** Escapes are longer than what they stand for: cuts until it fits, and never inside of one. */
function escapedWithin(text: string, limit: number): string {
  const escaped = escapeText(text);
  if (escaped.length <= limit) return escaped;
  let kept = '';
  for (const point of text) {
    const next = escapeText(point);
    if (kept.length + next.length > limit - 1) break;
    kept += next;
  }
  return `${kept.trimEnd()}…`;
}

/** `*`, `_`, `~`, a `>` at the beginning and backticks format only beside other signs; a character without a width would be an odd thing to send, so these are other signs that look the same. */
function harmless(text: string): string {
  return withoutTicks(text)
    .replace(/^>/, '›')
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, 'ˍ');
}

function withoutTicks(text: string): string {
  return text.replaceAll('`', 'ˋ');
}
