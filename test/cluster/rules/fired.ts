import type { RunView } from '../../../src/port/view/run.ts';
import type { Prometheus } from '../../e2e/stage/prometheus.ts';
import type { Salvor } from '../../e2e/stage/salvor.ts';
import { until } from '../../e2e/stage/until.ts';

const WITHIN_MS = { withinMs: 90_000 };

/** Until Prometheus says that a rule fires; `alert` as `VeleroBackupTooOld/daily`. */
export function fires(prometheus: Prometheus, alert: string): Promise<unknown> {
  return until(`${alert} fires`, async () => (await prometheus.firing()).includes(alert), WITHIN_MS);
}

export function calm(prometheus: Prometheus, alert: string): Promise<unknown> {
  return until(`${alert} is calm`, async () => !(await prometheus.firing()).includes(alert), WITHIN_MS);
}

/** The newest run of a playbook, once it is in a state. */
export function untilRun({ api }: Pick<Salvor, 'api'>, playbook: string, state: RunView['state']): Promise<RunView> {
  return until(`a run of ${playbook} is ${state}`, async () => (await api.runs()).find((one) => one.playbook === playbook && one.state === state), WITHIN_MS);
}

/** What people read of the incident of a run. */
export async function toldOf({ api }: Pick<Salvor, 'api'>, { incident }: Pick<RunView, 'incident'>): Promise<string> {
  const found = (await api.incidents()).find(({ id }) => incident.includes(id));
  return (found?.timeline ?? []).flatMap(({ text }) => text ?? []).join('\n');
}
