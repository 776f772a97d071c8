import { errorText } from '../src/model/error.ts';
import { rowsOf, type WorkReport } from './report.ts';
import { openScope, within } from './scope.ts';
import type { Round, StoreName, Work } from './work.ts';

type Asked = { readonly rounds: number; readonly stores: readonly StoreName[]; readonly quick: boolean };

/** All rounds of one work. One that breaks, or takes too long, is told with its reason and what was measured until then. */
export async function runWork(work: Work, { rounds: asked, stores, quick }: Asked): Promise<WorkReport> {
  const { name, about, once = false, warmsUp = false, boundS } = work;
  const skipped = work.missing?.();
  const rounds: Round[] = [];
  const startedMs = performance.now();
  const report = (rest: Pick<WorkReport, 'skipped' | 'failed'>): WorkReport => ({
    name,
    about,
    tookS: (performance.now() - startedMs) / 1000,
    rounds: rounds.map((round) => ({ ...round })),
    rows: [...rowsOf(work, rounds)],
    ...rest,
  });
  if (skipped !== undefined) return report({ skipped });

  const tell = (text: string): void => void process.stderr.write(`${name}: ${text} (${((performance.now() - startedMs) / 1000).toFixed(0)} s)\n`);
  const scope = openScope();
  const broken = (): void => void scope.close().then(() => process.exit(143));
  process.once('SIGTERM', broken);
  try {
    const measure = await within(boundS * 1000, () => work.open({ stores, many: (usual, few) => (quick ? few : usual), scope, tell }));
    const last = once ? 1 : asked;
    for (let round = warmsUp && !quick ? 0 : 1; round <= last; round += 1) {
      tell(round === 0 ? 'warming up' : `round ${round} of ${last}`);
      const taken = await within(boundS * 1000, () => measure(round));
      if (round > 0) rounds.push(taken);
    }
    return report({});
  } catch (error) {
    return report({ failed: errorText(error) });
  } finally {
    process.removeListener('SIGTERM', broken);
    await scope.close();
  }
}
