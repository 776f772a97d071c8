import type { KnownBlock } from '@slack/types';

/** What somebody is told. The blocks say the same as the text, with buttons; the text is for notifications and screen readers. */
export type Said = {
  readonly text: string;
  readonly blocks?: KnownBlock[];
  /** Everybody in the conversation sees it. Absent: only the one who asked. */
  readonly response_type?: 'in_channel';
};
