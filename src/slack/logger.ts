import type { Logger, LogLevel } from '@slack/bolt';
import { plain } from '../domain/plain.ts';
import type { Log } from '../port/log.ts';

/** The enum's value: importing it would load all of Bolt. */
const WARN = 'warn' as LogLevel.WARN;

/** What the SDK has to say, as lines of our log: only what is wrong, in one line, and never a payload. */
export function boltLogger(log: Log): Logger {
  const line = (what: readonly unknown[]): string =>
    plain(what.map((one) => (one instanceof Error ? one.message : typeof one === 'string' ? one : '')).join(' '), 300);
  return {
    debug: () => {},
    info: () => {},
    warn: (...what) => log.debug('slack.sdk', { said: line(what) }),
    error: (...what) => log.debug('slack.sdk', { said: line(what) }),
    setLevel: () => {},
    getLevel: () => WARN,
    setName: () => {},
  };
}
