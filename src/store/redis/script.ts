import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A Lua script and the name under which Redis keeps it. What each takes and returns stands on top of its file. */
export type Script = { readonly text: string; readonly sha: string };

const SHARED = read('shared');

function read(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
}

function script(name: string): Script {
  const text = `${SHARED}\n${read(name)}`;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

export const ACCEPT = script('accept');
export const CHECK = script('check');
export const COMMIT = script('commit');
export const LOAD = script('load');
export const LOOK = script('look');
export const MAIL = script('mail');
export const PRUNE = script('prune');
export const RENEW = script('renew');
export const SELECT = script('select');
export const TAKE = script('take');
