import { isObject, type Json, type JsonObject } from '../../../../src/model/json.ts';
import { objectAt, textAt } from '../../../../src/world/object.ts';

/** The object in an answer. */
export function readObject(body: Json): JsonObject {
  if (!isObject(body)) throw new Error(`not an object: ${JSON.stringify(body).slice(0, 200)}`);
  return body;
}

export const statusOf = (object: JsonObject | undefined): JsonObject => objectAt(object, 'status');
export const phaseOf = (object: JsonObject | undefined): string => textAt(statusOf(object), 'phase');

/** Without what differs from one run to the next: times, addresses, the storage's request ids, the mark in this file's names. */
export function plain(value: Json | undefined): Json {
  const text = JSON.stringify(value ?? null)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/(http:\/\/)?127\.0\.0\.1:\d+(\/storage\/\w+)?/g, 'STORAGE')
    .replaceAll(/(http:\/\/)?storage\.\w+\.example:9000/g, 'STORAGE')
    .replaceAll(/RequestID: [A-Z0-9]*, HostID: [^,]*,/g, 'RequestID: ID, HostID: ID,')
    .replaceAll(/-[0-9a-f]{6}\b/g, '-MARK');
  return JSON.parse(text);
}
