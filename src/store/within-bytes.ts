type Sized = { readonly partition: string; readonly bytes: number };

/** The first of these whose values are small enough together, in each partition by itself; the first of each always. */
export function withinBytes<T extends Sized>(records: readonly T[], mostBytes: number | undefined): readonly T[] {
  if (mostBytes === undefined) return records;
  const sums = new Map<string, number>();
  return records.filter(({ partition, bytes }) => {
    const before = sums.get(partition) ?? 0;
    // What is not taken counts too, so that nothing overtakes it.
    sums.set(partition, before + bytes);
    return before === 0 || before + bytes <= mostBytes;
  });
}
