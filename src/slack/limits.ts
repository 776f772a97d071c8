/**
 * What Slack takes at most. Source: Slack developer documentation, "Block Kit" reference and "chat.postMessage"; the sum of all text in blocks is not
 * documented, and was found at about 13,200 characters (slackapi/bolt-js issue 2509).
 */
export const MOST = {
  header: 150,
  section: 3000,
  field: 2000,
  fields: 10,
  button: 75,
  value: 2000,
  blocks: 50,
  blockText: 13_000,
  /** `chat.update` takes a tenth of what `chat.postMessage` does. */
  text: 3800,
  topic: 250,
  /** Not documented; what the bar of a channel shows whole. */
  bookmark: 60,
} as const;

/** Lines that wait together become one message of at most so many. */
export const TOGETHER = { lines: 20, characters: 2500 } as const;

/** About one post a second for each channel, over all threads. Source  Slack documentation, "Rate limits", special tier. */
export const POSTS = { everyMs: 1000, burst: 0 } as const;

/** `chat.update` is of tier 3, 50 a minute; a little is left to presses. */
export const EDITS = { everyMs: 1333, burst: 20 } as const;

/** What is done about channels is of tier 2, 20 a minute for each method. */
export const ADMIN = { everyMs: 3200, burst: 10 } as const;
