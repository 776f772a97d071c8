const LONGEST = 63;
const KEY_LENGTH = 8;

/**
 * The name of a backup that is made again: `daily-retry-3f9a01c2`, at most 63 characters, so that it fits into Velero's labels uncut.
 * The same stepKey gives the same name, so a repeat finds its own.
 */
export function retryName(base: string, stepKey: string): string {
  return suffixed(base, `-retry-${stepKey.slice(0, KEY_LENGTH)}`);
}

/** The name of a backup that a person asked for: `daily-run-3f9a01c2`. */
export function runName(base: string, stepKey: string): string {
  return suffixed(base, `-run-${stepKey.slice(0, KEY_LENGTH)}`);
}

function suffixed(base: string, suffix: string): string {
  // A name may not end in a dash or a dot before the suffix either: `a.-retry` is no RFC 1123 name.
  return base.slice(0, LONGEST - suffix.length).replace(/[-.]{1,63}$/, '') + suffix;
}
