import { clocksOf } from '../model/clocks.ts';
import type { Run } from '../model/run.ts';
import type { Clock } from '../port/clock.ts';
import type { Commit, Store } from '../port/store.ts';
import type { SalvorMetrics } from './metrics.ts';

/**
 * A store whose commits are timed, and whose journal lines are counted once they are durable: so nobody counts by hand, and what is not stored
 * is not counted.
 */
export function measuredStore(store: Store, metrics: SalvorMetrics, clock: Clock): Store {
  return {
    ...bound(store),
    async accept(webhook) {
      const answer = await store.accept(webhook);
      metrics.alerts('accepted', webhook.alerts);
      return answer;
    },
    async commit(commit) {
      const startedMs = clock.monotonicMs();
      try {
        const result = await store.commit(commit);
        metrics.commit(clock.monotonicMs() - startedMs, result.kind);
        if (result.kind === 'done') count(store, metrics, commit);
        return result;
      } catch (error) {
        metrics.commit(clock.monotonicMs() - startedMs, 'failed');
        throw error;
      }
    },
  };
}

function count(store: Store, metrics: SalvorMetrics, { partition, changes }: Commit): void {
  const runs = new Map<string, Run>();
  for (const change of changes) {
    // Only the engine puts records of this kind, and it puts this type.
    if (change.do === 'put' && change.kind === 'run') runs.set(change.id, change.value as unknown as Run);
  }
  for (const change of changes) {
    const run = change.do === 'append' ? runs.get(change.of) : undefined;
    if (change.do !== 'append' || run === undefined) continue;
    metrics.entries(run, change.entries);
    if (run.endedMs === undefined || !change.entries.some(({ type }) => type === 'run.ended')) continue;
    const { endedMs } = run;
    // Aside: nobody waits for a metric, and one that cannot be had is left out.
    store
      .entries({ partition, of: run.id })
      .then((journal) => metrics.runEnded(run.playbook, clocksOf(run, journal, endedMs)))
      .catch(() => undefined);
  }
}

/** Every function of the store, whether it is a plain object or an instance. */
function bound(store: Store): Store {
  return {
    accept: (webhook) => store.accept(webhook),
    claim: (request) => store.claim(request),
    commit: (commit) => store.commit(commit),
    renew: (lease) => store.renew(lease),
    get: (partition, id) => store.get(partition, id),
    list: (query) => store.list(query),
    entries: (query) => store.entries(query),
    mail: (partition, reader) => store.mail(partition, reader),
    counts: (partition, ids) => store.counts(partition, ids),
    partitions: () => store.partitions(),
    prune: (request) => store.prune(request),
    onChange: (listener) => store.onChange(listener),
    backup: (file) => store.backup(file),
    check: () => store.check(),
    close: () => store.close(),
  };
}
