type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out fields that are undefined: for those who ask whether a field is there. */
export function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
