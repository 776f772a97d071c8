import { digest } from './digest.ts';
import type { JsonObject } from './json.ts';

/** Names of records. They begin with their kind; the partition is apart. All are made of data, so a repeat finds its own. */
export const episodeId = (labelsDigest: string): string => `episode/${labelsDigest}`;
export const incidentId = (key: string, ordinal: number): string => `incident/${digest(key).slice(0, 16)}-${ordinal}`;
export const runId = (of: { readonly playbook: string; readonly cluster: string; readonly target: string; readonly ordinal: number }): string =>
  `run/${digest({ playbook: of.playbook, cluster: of.cluster, target: of.target }).slice(0, 16)}-${of.ordinal}`;
/** `run/3f9a01c2…-1` as people and programs write it: without the kind, which the place says already. */
export function shortId(id: string): string {
  return id.replace(/^(run|incident)\//, '');
}

/** The record that says which ordinal is open for a playbook, cluster and target. */
export const runHeadId = (of: { readonly playbook: string; readonly cluster: string; readonly target: string }): string =>
  `head/run/${digest({ playbook: of.playbook, cluster: of.cluster, target: of.target }).slice(0, 32)}`;
export const incidentHeadId = (key: string): string => `head/incident/${digest(key).slice(0, 32)}`;
export const lockId = (key: string): string => `lock/${key}`;
export const blobId = (sha256: string): string => `blob/${sha256}`;
export const laneId = (to: 'chat' | 'pager', incident: string): string => `lane/${to}/${incident}`;
/** What is done about the channel that an incident has for itself, and what is said in it: another channel, another lane. */
export const channelLaneId = (incident: string): string => `lane/channel/${incident}`;
export const updateLaneId = (incident: string): string => `lane/update/${incident}`;
export const talkLaneId = (incident: string, channel: string): string => `lane/talk/${incident}/${channel}`;
/** All freezes that were set by hand on a cluster. */
export const freezeId = (): string => 'pause/freezes';
export const pauseId = (playbook?: string): string => (playbook === undefined ? 'pause/all' : `pause/playbook/${playbook}`);

/**
 * Names what a step creates; the same on every retry and resume, another in every generation. The run's birth is in it: ordinals begin again where a store
 * was lost, and a run of the new store must not adopt what one of the old store made.
 */
export function makeStepKey(of: {
  readonly run: string;
  readonly bornMs: number;
  readonly step: string;
  readonly params: JsonObject;
  readonly generation: number;
}): string {
  return digest({ run: of.run, born: of.bornMs, step: of.step, params: of.params, generation: of.generation });
}
