import { isObject, type Json } from '../../model/json.ts';
import type { AuditLine } from '../../port/view/operation.ts';

export type Search = {
  /** Empty: anybody. */
  readonly person: string;
  /** The beginning of a type; empty: any. */
  readonly type: string;
  /** A part of what the line says, whatever its case; empty: any. */
  readonly text: string;
  readonly cluster?: string;
  readonly sinceMs: number;
  readonly untilMs: number;
};

const MOST = 200;
/** Fields of a line, or of the facts that an incident was told, that name who did it. */
const WHO = ['by', 'person', 'lead'];

/** The newest lines that are like this, newest first. `more`: there were others. */
export async function findLines(lines: AsyncIterable<AuditLine>, search: Search): Promise<{ readonly lines: readonly AuditLine[]; readonly more: boolean }> {
  let found: AuditLine[] = [];
  let more = false;
  for await (const line of lines) {
    if (!isLike(line, search)) continue;
    found.push(line);
    // Journals come one after the other: only at their end it is known which lines are the newest.
    if (found.length < MOST * 10) continue;
    found = newest(found);
    more = true;
  }
  return { lines: newest(found), more: more || found.length > MOST };
}

function newest(lines: readonly AuditLine[]): AuditLine[] {
  return lines.toSorted((one, other) => other.at - one.at || other.n - one.n).slice(0, MOST);
}

function isLike(line: AuditLine, { person, type: asked, text, sinceMs, untilMs }: Search): boolean {
  const { at, type, data } = line;
  if (isTold(line)) return false;
  if (at < sinceMs || at > untilMs || !type.startsWith(asked)) return false;
  if (person !== '' && !peopleIn(data).has(person)) return false;
  return text === '' || JSON.stringify(data).toLowerCase().includes(text.toLowerCase());
}

/** What an incident was told by a run is in the run's own journal. */
function isTold({ journal, data }: AuditLine): boolean {
  return journal.startsWith('incident/') && typeof data['run'] === 'string' && typeof data['n'] === 'number';
}

function peopleIn(data: Json): ReadonlySet<string> {
  const { facts, start } = isObject(data) ? data : {};
  const named = [data, facts, start].flatMap((of) => (isObject(of) ? WHO.map((name) => of[name]) : []));
  return new Set(named.flat().filter((one) => typeof one === 'string'));
}
