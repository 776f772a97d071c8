import { isList, isObject, type Json } from '../model/json.ts';

/** Whether two values say the same. What they share is not looked into; a field that is undefined is none. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((one, index) => sameJson(one, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  let fields = 0;
  for (const name in a) {
    const value = a[name];
    if (value === undefined) continue;
    fields += 1;
    if (!Object.hasOwn(b, name) || !sameJson(value, b[name])) return false;
  }
  for (const name in b) if (b[name] !== undefined) fields -= 1;
  return fields === 0;
}
