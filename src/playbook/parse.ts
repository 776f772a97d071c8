import { sha256 } from '../model/digest.ts';
import { type Playbook, PlaybookFile } from '../model/playbook.ts';
import type { PositionOf, Problem } from '../model/problem.ts';
import { againstSchema } from './against-schema.ts';
import { readDocument } from './document.ts';

export type ParsedPlaybook =
  | { readonly ok: true; readonly playbook: Playbook; readonly positionOf: PositionOf }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type PlaybookText = {
  readonly id: string;
  readonly text: string;
  readonly file: string;
  /** False: they are neither read nor checked, as in a server, which plays none; they are two thirds of most files. */
  readonly rehearsals?: boolean;
};

/** The text of one playbook file, checked for its form alone; `checkPlaybook` asks whether its names mean anything. */
export function parsePlaybook({ id, text, file, rehearsals = true }: PlaybookText): ParsedPlaybook {
  const short = rehearsals ? text : withoutRehearsals(text);
  const quick = readDocument({ text: short, file });
  // What is wrong is said of the file as it is.
  const document = quick.ok || short === text ? quick : readDocument({ text, file });
  if (!document.ok) return document;
  const { value, positionOf } = document;
  const checked = againstSchema(PlaybookFile, value, { positionOf, noun: 'field' });
  if (!checked.ok) return checked;
  return { ok: true, playbook: { ...checked.value, id, text, digest: sha256(text) }, positionOf };
}

/** Empty lines in place of the block `rehearsal:`, so that every other line stays where it is. A block ends where a line begins with a name again. */
function withoutRehearsals(text: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^rehearsal:\s*(?:#.*)?$/.test(line));
  if (start < 0) return text;
  const length = lines.slice(start + 1).findIndex((line) => !/^(?:[\s#]|-\s|-?$)/.test(line));
  const end = length < 0 ? lines.length : start + 1 + length;
  return lines.map((line, at) => (at >= start && at < end ? '' : line)).join('\n');
}
