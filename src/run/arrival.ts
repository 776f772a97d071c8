import { z } from 'zod';
import { type ReadWebhook, readWebhook } from '../ingest/alertmanager.ts';
import type { Webhook } from '../model/alert.ts';
import type { StoredRecord } from '../port/store.ts';
import type { Part } from './fold-batch.ts';
import { MOST_ALERTS } from './fold-parts.ts';
import type { Intake } from './intake.ts';

/** One webhook out of the inbox, read. */
export type Arrival = {
  readonly record: StoredRecord;
  readonly webhook: Webhook;
  readonly read: ReadWebhook;
  /** How often it was put back because something did not answer. */
  readonly tries: number;
};

const StoredWebhook = z.object({ sender: z.string(), clusters: z.array(z.string()), receivedMs: z.number(), body: z.string(), alerts: z.number() });

/** Reads a record of the inbox; throws where it is no webhook. */
export function readArrival(intake: Pick<Intake, 'clusters'>, record: StoredRecord): Arrival {
  const webhook = StoredWebhook.parse(record.value);
  const clusters = intake.clusters();
  const fallback = clusters.find(({ isDefault }) => isDefault)?.name;
  const read = readWebhook(webhook, { clusters: clusters.map(({ name }) => name), ...(fallback === undefined ? {} : { fallback }) });
  return { record, webhook, read, tries: triesOf(record) };
}

export function triesOf(record: StoredRecord): number {
  const tries = Object.hasOwn(record.indexed, 'tries') ? Number(record.indexed['tries']) : 0;
  return Number.isSafeInteger(tries) ? tries : 0;
}

/** What of a webhook concerns one cluster, in parts that one commit can hold. */
export function partsOf(arrival: Arrival, cluster: string): readonly Part<Arrival>[] {
  const { record, webhook, read } = arrival;
  const alerts = read.alerts.filter((alert) => alert.cluster === cluster).map((alert) => ({ alert, receivedMs: webhook.receivedMs }));
  const parts: Part<Arrival>[] = [];
  for (let from = 0; from < alerts.length; from += MOST_ALERTS) {
    parts.push({ of: arrival, reply: `reply/${record.id}${from === 0 ? '' : `/${from}`}`, alerts: alerts.slice(from, from + MOST_ALERTS) });
  }
  return parts;
}
