import { chain, type Entry, type EntryDraft, emptyChain } from '../../../src/model/entry.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Run } from '../../../src/model/run.ts';
import type { ReportSource } from '../../../src/notify/report-data.ts';

/** One incident with one run, from the alert to the end, by the second. */
export const T0 = Date.UTC(2026, 10, 21, 3, 0, 0);
export const at = (seconds: number): number => T0 + seconds * 1000;

function journalOf(id: string, drafts: readonly (readonly [seconds: number, type: string, data?: EntryDraft['data']])[]): readonly Entry[] {
  return chain(
    id,
    emptyChain,
    drafts.map(([seconds, type, data = {}]) => ({ atMs: at(seconds), type, data })),
  ).entries;
}

export const run: Run = {
  id: 'run/a-1',
  playbook: 'node-not-ready',
  playbookDigest: 'd',
  cluster: 'prod',
  target: 'w1',
  lockKeys: ['prod/Node//w1'],
  ordinal: 1,
  incident: 'incident/i-1',
  start: { by: 'alert', episode: 'episode/1', labels: [], startsAtMs: at(0), receivedMs: at(30) },
  params: {},
  found: {},
  state: 'done',
  stage: 2,
  generation: 1,
  diagnosis: {},
  checks: {},
  answers: {},
  measured: { recoveryPointMs: at(-3600) },
  steps: [
    {
      step: 'cordon',
      stage: 'isolate',
      generation: 1,
      planned: {
        step: 'cordon',
        action: 'node.cordon',
        cluster: 'prod',
        params: {},
        stepKey: 'k',
        risk: 'reversible',
        summary: 'Cordon w1',
        changes: [{ verb: 'patch', object: 'Node/w1', field: 'spec.unschedulable', from: false, to: true }],
        undo: [],
        facts: {},
      },
      undo: 'on-failure',
      withinMs: 1000,
      phase: 'done',
      attempts: 1,
    },
  ],
  voids: 0,
  locked: false,
  clusterUids: {},
  openIntents: [],
  refusals: 0,
  closing: { end: 'done', reason: 'Every stage is verified', mode: 'stop', sinceMs: at(600), attempts: 0 },
  createdMs: at(30),
  endedMs: at(630),
  chain: emptyChain,
};

/** Detect 40 s, decide 20 s, people 240 s, act 180 s, prove 120 s, cleanup 30 s. */
export const journal = journalOf(run.id, [
  [30, 'run.queued'],
  [40, 'run.started'],
  [45, 'run.diagnosed', { finding: 'act', reason: 'kubelet is away', evidence: ['w1 is NotReady since 03:00'] }],
  [60, 'run.proposed', { digest: '3f9a01c2bbbb' }],
  [290, 'approval.vote', { by: 'ana', surface: 'slack', digest: '3f9a01c2bbbb' }],
  [300, 'approval.granted', { by: ['ana'], digest: '3f9a01c2bbbb' }],
  [301, 'run.executing'],
  [310, 'write.intent'],
  [320, 'write.outcome'],
  [470, 'step.done', { step: 'cordon' }],
  [480, 'run.verifying'],
  [600, 'run.verified', { evidence: ['unschedulable at 4711'] }],
  [600, 'run.closing'],
  [630, 'run.ended'],
]);

export const incident: Incident = {
  id: 'incident/i-1',
  key: 'node-not-ready/prod',
  ordinal: 1,
  cluster: 'prod',
  playbook: 'node-not-ready',
  title: 'KubeNodeNotReady on prod',
  state: 'closed',
  severity: 'SEV2',
  openedMs: at(30),
  closedMs: at(640),
  closedBecause: 'Nothing fires any more; the run ended well',
  openRuns: [],
  firing: [],
  runs: [run.id],
  climbs: [],
  parked: [],
  chain: emptyChain,
};

export const timeline = journalOf(incident.id, [
  [30, 'incident.opened', { text: 'SEV2 KubeNodeNotReady on prod' }],
  [250, 'escalation.paged', { text: 'paged platform-primary: nobody decided' }],
  [300, 'approval.granted', { text: 'Approved 3f9a01c2 by ana', run: run.id, facts: { by: ['ana'] } }],
  [500, 'note', { text: 'ben: looked at <w1>', by: 'ben' }],
  [640, 'incident.closed', { text: 'Nothing fires any more; the run ended well' }],
]);

export const source: ReportSource = { incident, timeline, runs: [{ run, journal }], nowMs: at(700) };
