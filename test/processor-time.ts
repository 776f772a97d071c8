/** Counts processor time from now on, in ms: unlike time by the clock it grows with the work, and not with what else the machine does. */
export function processorTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}

/** Processor time that a call takes, in ms. */
export function processorMs(call: () => unknown): number {
  const tookMs = processorTime();
  call();
  return tookMs();
}
