/** The keys of one partition begin with this; the braces put all of them into one slot of a cluster. */
export function partitionKey(prefix: string, partition: string): string {
  return `${prefix}:{${partition}}`;
}

const CREATED_DIGITS = 15;

/** Where a record stands in the order of lists: creation, then id. Scripts write the same. */
export function placeOf(createdMs: number, id: string): string {
  return String(createdMs).padStart(CREATED_DIGITS, '0') + id;
}

export function readPlace(place: string): { readonly createdMs: number; readonly id: string } {
  return { createdMs: Number(place.slice(0, CREATED_DIGITS)), id: place.slice(CREATED_DIGITS) };
}

/** Lone surrogates have no bytes: index keys, and what is looked up in them, are made whole alike. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
