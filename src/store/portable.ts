import type { EntryTexts, MailTexts, RecordTexts } from './texts.ts';

/**
 * What a store holds, piece by piece, as it goes from one driver to another: everything but leases, which end with their holders.
 * Mail comes in the order in which it was committed; its numbers are given anew.
 */
export type Piece =
  | { readonly is: 'record'; readonly record: RecordTexts }
  | { readonly is: 'mail'; readonly partition: string; readonly mail: MailTexts }
  | { readonly is: 'entry'; readonly partition: string; readonly of: string; readonly entry: EntryTexts & { readonly opId: string } }
  | { readonly is: 'count'; readonly partition: string; readonly id: string; readonly total: number };
