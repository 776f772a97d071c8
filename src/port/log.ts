/** Facts beside a log line's name: flat values only, never a secret, never a whole object from outside. */
export type LogFacts = { readonly [name: string]: string | number | boolean | undefined };

/** The log, for machines. A fixed name such as `step.verify-failed`, never a sentence; the timeline is for people. */
export interface Log {
  debug(name: string, facts?: LogFacts): void;
  info(name: string, facts?: LogFacts): void;
  warn(name: string, facts?: LogFacts): void;
  error(name: string, facts?: LogFacts): void;
}

/** A log that nobody reads. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
