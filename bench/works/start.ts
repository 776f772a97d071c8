/** From the start of the process until `/readyz` says yes, on an empty store. Beside it the import of all that the server imports, and nothing else. */

import { openApiStub } from '../api-stub.ts';
import { startChild } from '../child.ts';
import { inside } from '../scope.ts';
import { openSite } from '../site.ts';
import { inTurns, type Subject, type Work } from '../work.ts';

const FLOOR = 'imports alone';

export const start: Work = {
  name: 'start',
  about: 'From the start of the process until it is ready, on an empty store.',
  floors: [FLOOR],
  lines: [{ figure: 'ms', what: 'start to ready', unit: 'ms', digits: 0, floor: FLOOR }],
  boundS: 60,
  warmsUp: true,
  async open({ stores, scope }) {
    const api = await openApiStub(scope);
    return inTurns([
      [
        FLOOR,
        () =>
          inside(scope, async (own) => {
            const startedMs = performance.now();
            const imports = startChild(own, 'imports.ts');
            await imports.hear('imported');
            return { ms: performance.now() - startedMs };
          }),
      ],
      ...stores.map((of): Subject => [of, () => inside(scope, async (own) => ({ ms: (await (await openSite(own, { of, api: api.url })).start()).readyMs }))]),
    ]);
  },
};
