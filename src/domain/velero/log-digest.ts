import { cut } from '../../model/cut.ts';
import { redact } from '../redact.ts';

/** One line of Velero's log that says something went wrong. */
export type LogLine = { readonly level: 'error' | 'warning'; readonly text: string };

const MOST_LINES = 8;
const LONGEST_LINE = 300;
/** Fields worth a reader's time after the message, in this order. */
const FIELDS = ['error', 'namespace', 'resource', 'name', 'volume'] as const;

/**
 * The few lines of a Velero log that matter: errors first, then warnings, each once, short, without secrets.
 * Velero writes logrus text: `time="…" level=error msg="…" error="…" key=value`.
 */
export function logDigest(log: string): readonly LogLine[] {
  const seen = new Map<string, LogLine>();
  for (const line of log.split('\n')) {
    const level = levelOf(line);
    if (level === undefined) continue;
    const text = cut(redact(sentence(line)), LONGEST_LINE);
    if (!seen.has(text)) seen.set(text, { level, text });
  }
  const found = [...seen.values()];
  const errors = found.filter(({ level }) => level === 'error');
  return [...errors, ...found.filter(({ level }) => level === 'warning')].slice(0, MOST_LINES);
}

function levelOf(line: string): LogLine['level'] | undefined {
  if (line.includes(' level=error ') || line.includes(' level=fatal ') || line.includes(' level=panic ')) return 'error';
  return line.includes(' level=warning ') ? 'warning' : undefined;
}

function sentence(line: string): string {
  const fields = logFields(line);
  const message = fields.get('msg') ?? line;
  const rest = FIELDS.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [name === 'error' ? value : `${name} ${value}`];
  });
  return rest.length === 0 ? message : `${message}: ${rest.join(', ')}`;
}

/** The fields of one logrus line. Read by hand, character by character, since a value in quotes may hold anything. */
export function logFields(line: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = 0;
  while (at < line.length) {
    const equals = line.indexOf('=', at);
    if (equals < 0) break;
    const name = line.slice(at, equals).trim();
    const end = line[equals + 1] === '"' ? closingQuote(line, equals + 2) : endOfWord(line, equals + 1);
    const quoted = line[equals + 1] === '"';
    fields.set(name, quoted ? unescaped(line.slice(equals + 2, end)) : line.slice(equals + 1, end));
    at = quoted ? end + 1 : end;
  }
  return fields;
}

function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === '\\') at += 1;
    else if (line[at] === '"') return at;
  }
  return line.length;
}

function endOfWord(line: string, from: number): number {
  const space = line.indexOf(' ', from);
  return space < 0 ? line.length : space;
}

function unescaped(value: string): string {
  return value.replace(/\\([\\"nt])/g, (_, character: string) => (character === 'n' || character === 't' ? ' ' : character));
}
