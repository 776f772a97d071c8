/** Replaces texts everywhere; one that is not there is an error, so that a test never goes on with a file that changed under it. */
export function rewrite(text: string, replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`there is no "${from}" to replace`);
    return before.replaceAll(from, to);
  }, text);
}
