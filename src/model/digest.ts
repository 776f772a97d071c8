import { hash } from 'node:crypto';
import { canonical, type Json } from './json.ts';

/** SHA-256 of a text or of the canonical JSON of a value, as 64 hex digits. */
export function digest(value: Json): string {
  return sha256(typeof value === 'string' ? value : canonical(value));
}

/** SHA-256 of a text as UTF-8, as 64 hex digits. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
