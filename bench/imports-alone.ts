import { startChild } from './child.ts';
import type { Scope } from './scope.ts';

/** What a process takes that imports all that the server imports, and does nothing; MB. */
export async function takenByImports(scope: Scope): Promise<number> {
  const imports = startChild(scope, 'imports.ts');
  const { rssBytes } = await imports.hear('usage');
  await imports.ended;
  return Number(rssBytes) / 1e6;
}
