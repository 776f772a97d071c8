import { sha256 } from '../model/digest.ts';
import { type Playbook, PlaybookFile } from '../model/playbook.ts';
import type { PositionOf, Problem } from '../model/problem.ts';
import { againstSchema } from './against-schema.ts';
import { readDocument } from './document.ts';

export type ParsedPlaybook =
  | { readonly ok: true; readonly playbook: Playbook; readonly positionOf: PositionOf }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The text of one playbook file, checked for its form alone; `checkPlaybook` asks whether its names mean anything. */
export function parsePlaybook({ id, text, file }: { readonly id: string; readonly text: string; readonly file: string }): ParsedPlaybook {
  const document = readDocument({ text, file });
  if (!document.ok) return document;
  const { value, positionOf } = document;
  const checked = againstSchema(PlaybookFile, value, { positionOf, noun: 'field' });
  if (!checked.ok) return checked;
  return { ok: true, playbook: { ...checked.value, id, text, digest: sha256(text) }, positionOf };
}
