import { z } from 'zod';
import { check } from '../../../src/cli/check.ts';
import { live } from '../../../src/cli/live.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import type { SalvorApi } from '../../e2e/stage/salvor.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';
import { askedBy, written } from './audit.ts';
import { PATIENTLY } from './stage.ts';

/** What happened without one right: where the run got, what a person reads first, what was written meanwhile, and what was said to be missing beforehand. */
export type Row = {
  readonly right: string;
  readonly state: string;
  readonly says: string;
  readonly wrote: readonly string[];
  readonly predicted: readonly string[];
};

const UNDECIDED: readonly RunView['state'][] = ['queued', 'diagnosing'];

type Trying = { readonly api: SalvorApi; readonly user: string; readonly cluster: Cluster; readonly config: string };

/** What is predicted; and a run by hand until it cannot go on, or asks. */
export async function tryWithout(right: string, { api, user, cluster, config }: Trying): Promise<Row> {
  const checking = checkLive(config);
  const before = askedBy(user, cluster).length;
  const { run: id } = await api.start('backup-failed', { schedule: 'daily' });
  const run = await until(
    'the run is decided',
    async () => {
      const found = await api.run(id);
      return UNDECIDED.includes(found.state) ? undefined : found;
    },
    PATIENTLY,
  );
  const wrote = written(askedBy(user, cluster).slice(before));
  if (run.state === 'proposed') {
    await api.reject(run);
    await until('the run is over', async () => (await api.run(id)).endedAt, PATIENTLY);
  }
  const predicted = (await checking).problems.flatMap(({ message }) => /^prod does not let us (.*), which /.exec(message)?.[1] ?? message);
  return { right, state: run.state, says: run.end ?? evidenceOf(run), wrote, predicted };
}

/** What the one question to Velero's server writes, and takes away. */
export const QUESTION = ['create serverstatusrequests.velero.io in velero', 'delete serverstatusrequests.velero.io in velero'];

/** What a run that goes on says of what it may not do. */
function evidenceOf({ journal }: RunView): string {
  const told = journal.flatMap(({ data }) => (Array.isArray(data['evidence']) ? data['evidence'].map(String) : []));
  return told.find((line) => line.includes('does not let us')) ?? '';
}

const Checked = z.object({
  ok: z.boolean(),
  problems: z.array(z.object({ code: z.string().optional(), message: z.string(), warning: z.boolean().optional() })),
});

/** `salvor check --live --json`: what it says, and what it ends with. */
export async function checkLive(config: string, clock: Clock = systemClock): Promise<z.infer<typeof Checked> & { readonly exit: number }> {
  const out: string[] = [];
  const io = { stdout: (text: string): void => void out.push(text), stderr: (): void => undefined };
  const exit = await check({ config, json: true, live: (read, positionOf) => live({ config: read, positionOf, clock }) }, io);
  return { ...Checked.parse(JSON.parse(out.join(''))), exit };
}

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ right, state, says, wrote }) => {
    const what = wrote.length === 0 ? 'nothing' : String(wrote) === String(QUESTION) ? 'a ServerStatusRequest, and removed it' : wrote.join(', ');
    return `| ${right} | ${state} | ${says.replaceAll('|', '\\|')} | ${what} |`;
  });
  return ['| without | the run | first line | written |', '|---|---|---|---|', ...cells].join('\n');
}
