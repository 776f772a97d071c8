import { sha256 } from '../model/digest.ts';

/** Without letters and digits that are taken for each other. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 4;

/**
 * The short name of a plan for people on a phone: `7QK2`. Made of the digest, so it is good for exactly this plan, for everybody, and for as long as it is
 * proposed. It is no secret, and gives nobody a right.
 */
export function voteCode(digest: string): string {
  const hash = sha256(`vote ${digest}`);
  return Array.from({ length: LENGTH }, (_, at) => LETTERS[Number.parseInt(hash.slice(at * 2, at * 2 + 2), 16) % LETTERS.length]).join('');
}

export type NoteVote = {
  readonly verb: 'approve' | 'reject';
  readonly code: string;
  /** The word to type, or the reason. */
  readonly rest?: string;
};

/** A vote as people type it into a note: `approve 7QK2`, with the word where one has to be typed; `reject 7QK2 why not`. Undefined for any other note. */
export function readNoteVote(text: string): NoteVote | undefined {
  const [, verb = '', code = '', rest = ''] = /^\s*(approve|reject)\s+([0-9a-z]{4})(?:[\s:,]+([^]*))?$/i.exec(text) ?? [];
  if (verb === '') return undefined;
  const more = rest.trim();
  return { verb: verb.toLowerCase() === 'approve' ? 'approve' : 'reject', code: code.toUpperCase(), ...(more === '' ? {} : { rest: more }) };
}

/** How a plan is approved by a note, in words: for pages and notes. */
export function noteWords(digest: string, typed: boolean): string {
  return `To approve: a note "approve ${voteCode(digest)}${typed ? ' WORD' : ''}" here${typed ? ', with the word that the plan asks for' : ''}`;
}
