/** What has to be put away when a work is over, also where it broke: programs, servers, folders. The last first. */
export type Scope = {
  readonly onClose: (close: () => unknown) => void;
  readonly close: () => Promise<void>;
};

/** A closer that does not end within this is left alone, so that one program that hangs does not hold up the others. */
const PATIENCE_MS = 30_000;

export function openScope(): Scope {
  const closers: (() => unknown)[] = [];
  let isOver = false;
  return {
    onClose(close) {
      // A work that was given up may go on for a while: what it still starts is put away at once.
      if (isOver) void within(PATIENCE_MS, async () => close()).catch(() => undefined);
      else closers.push(close);
    },
    async close() {
      isOver = true;
      for (const close of closers.splice(0).toReversed()) await within(PATIENCE_MS, async () => close()).catch(() => undefined);
    },
  };
}

/** Calls with a scope of its own inside the other one, which closes when the call is over, however it ends. */
export async function inside<T>(outer: Scope, call: (own: Scope) => Promise<T>): Promise<T> {
  const own = openScope();
  outer.onClose(own.close);
  try {
    return await call(own);
  } finally {
    await own.close();
  }
}

/** The answer of the call, or an error once so much time is gone; the call itself goes on. */
export async function within<T>(ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
