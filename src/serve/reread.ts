import type { Settings } from '../app.ts';
import { fetchAlerts } from '../http/alertmanager-client.ts';
import { parseReread } from '../ingest/reread.ts';
import { errorText } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Intake } from '../run/intake.ts';

/** Asks the configured Alertmanager of a cluster for the rest of a group that was cut; the address in a webhook is never asked. */
export function rereadFrom(settings: () => Settings, clock: Clock): Intake['reread'] {
  return async (cluster, group) => {
    const url = settings().config.clusters.find(({ name }) => name === cluster)?.alertmanager.url;
    if (url === undefined) return { failed: `no Alertmanager address is configured for ${cluster}` };
    try {
      const answer = await fetchAlerts({ url, receiver: group.receiver, clock });
      return parseReread(answer, { cluster, group, nowMs: clock.nowMs() }) ?? { failed: 'its answer is no list of alerts' };
    } catch (error) {
      return { failed: errorText(error) };
    }
  };
}
