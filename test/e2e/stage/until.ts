/** How often a condition is looked at, and how long at most. The second bound is for a machine that is busy with other things. */
const LOOK_MS = 50;
const LONGEST_MS = 60_000;

/**
 * Looks again and again until the answer is neither undefined nor false. What throws is asked again, and told when the time is up: a program that
 * is still starting refuses connections.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { withinMs = LONGEST_MS, everyMs = LOOK_MS } = {},
): Promise<Exclude<T, undefined | false>> {
  const endMs = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const found = await look();
      if (isThere(found)) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  } while (performance.now() < endMs);
  throw new Error(`after ${withinMs} ms still not so: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`, { cause: last });
}

function isThere<T>(found: T): found is Exclude<T, undefined | false> {
  return found !== undefined && found !== false;
}
