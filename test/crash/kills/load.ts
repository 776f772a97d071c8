import { z } from 'zod';
import { isOpen } from '../../../src/model/run.ts';
import { RunPage, RunView } from '../../../src/port/view/run.ts';
import { bodyAlert, sampleBody } from '../../unit/ingest/samples.ts';

/** What is to become of a schedule's failed backup: asked for by an alert or by hand, approved or rejected. */
export type Target = { readonly schedule: string; readonly by: 'alert' | 'hand'; readonly decision: 'approve' | 'reject' };

export type Load = {
  /** One more target; it is followed until its run is over, and so is its alert. */
  readonly add: (target: Target) => void;
  /** Targets that are not through yet. */
  readonly open: () => number;
  /** Each of them with the state of its newest run, and why: for whoever waits in vain. */
  readonly stuck: () => Promise<readonly string[]>;
  /** Alerts that were acknowledged with 200, and how often one was sent. */
  readonly sent: () => { readonly acknowledged: number; readonly attempts: number };
  readonly stop: () => Promise<void>;
};

type Where = { readonly port: number; readonly alertmanagerToken: string; readonly personToken: string };

const PAUSE_MS = 50;
const PATIENCE_MS = 5000;

/** Alertmanager and a person who do not give up: what was not answered is sent again, as both do. */
export function startLoad({ port, alertmanagerToken, personToken }: Where): Load {
  const stopping = new AbortController();
  const followed = new Map<Promise<void>, string>();
  let [acknowledged, attempts] = [0, 0];

  const ask = async (path: string, token: string, body?: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
  const untilDone = async (does: () => Promise<boolean>): Promise<void> => {
    while (!stopping.signal.aborted && !(await does().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  };

  const alert = (schedule: string, status: 'firing' | 'resolved', startsAt: string): Promise<void> => {
    const labels = { alertname: 'VeleroBackupFailed', schedule, severity: 'critical' };
    const ended = status === 'resolved' ? { endsAt: new Date().toISOString() } : {};
    const body = sampleBody({ alerts: [bodyAlert(labels, { status, startsAt, ...ended })], groupKey: `{}:{schedule="${schedule}"}` });
    return untilDone(async () => {
      attempts += 1;
      const { status: code } = await ask('alertmanager', alertmanagerToken, body);
      if (code === 200) acknowledged += 1;
      return code === 200;
    });
  };
  const runOf = async (schedule: string): Promise<RunView | undefined> => {
    const [run] = await runsOf({ port, personToken }, schedule);
    return run;
  };
  const follow = async ({ schedule, by, decision }: Target): Promise<void> => {
    const startsAt = new Date().toISOString();
    if (by === 'alert') await alert(schedule, 'firing', startsAt);
    else {
      const body = JSON.stringify({ params: { schedule }, reason: 'an upgrade' });
      await untilDone(async () => (await ask('playbooks/backup-run/runs', personToken, body)).ok || (await runOf(schedule)) !== undefined);
    }
    await untilDone(async () => {
      const run = await runOf(schedule);
      if (run?.state === 'proposed') {
        const body = decision === 'approve' ? { plan: run.digest } : { reason: 'not tonight' };
        await ask(`runs/${encodeURIComponent(run.id)}/${decision}`, personToken, JSON.stringify(body));
      }
      return run !== undefined && !isOpen(run.state);
    });
    if (by === 'alert') await alert(schedule, 'resolved', startsAt);
  };

  return {
    add(target) {
      const mine = follow(target).finally(() => followed.delete(mine));
      followed.set(mine, target.schedule);
    },
    open: () => followed.size,
    stuck: () =>
      Promise.all(
        [...followed.values()].map(async (schedule) => {
          const [run] = await runsOf({ port, personToken }, schedule);
          return run === undefined
            ? `${schedule}: no run`
            : `${schedule}: ${run.playbook} is ${run.state}: ${run.end ?? run.waiting?.reason ?? run.trouble?.reason ?? run.hold?.reason ?? ''}`;
        }),
      ),
    sent: () => ({ acknowledged, attempts }),
    async stop() {
      stopping.abort();
      await Promise.allSettled(followed.keys());
    },
  };
}

const Answered = z.unknown();

/** Every run of one schedule, newest first. */
export async function runsOf({ port, personToken }: Pick<Where, 'port' | 'personToken'>, schedule: string): Promise<readonly RunView[]> {
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${personToken}`, connection: 'close' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return Answered.parse(await response.json());
  };
  const { items } = RunPage.parse(await get(`runs?target=${encodeURIComponent(schedule)}`));
  return Promise.all(items.map(async ({ id }) => RunView.parse(await get(`runs/${encodeURIComponent(id)}`))));
}
