import { startChild } from './child.ts';
import type { Scope } from './scope.ts';

/** Starts `programs/no-op.ts` as one of its kinds; its address. */
export async function startFloor(scope: Scope, kind: 'express' | 'node' | 'call', api = ''): Promise<string> {
  const child = startChild(scope, 'no-op.ts', { args: [kind, api] });
  return String((await child.hear('ready'))['url']);
}
