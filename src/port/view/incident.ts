import { z } from 'zod';
import { RunSummary } from './run.ts';
import { At, Cluster, EntryView, listOf, pageOf } from './shape.ts';

/** An incident as people and programs see it. */
export const IncidentStateName = z.enum(['open', 'mitigated', 'closed']);
export const SeverityName = z.enum(['SEV1', 'SEV2', 'SEV3']);

const summary = {
  id: z.string(),
  title: z.string(),
  state: IncidentStateName,
  severity: SeverityName,
  cluster: Cluster,
  playbook: z.string().optional().describe('Absent: no playbook answers its alerts'),
  lead: z.string().optional(),
  communications: z.string().optional().describe('Who speaks for it to others'),
  openedAt: At,
  mitigatedAt: At.optional(),
  closedAt: At.optional(),
  firing: z.number().describe('Alerts that still fire'),
  openRuns: z.number(),
};

export const IncidentSummary = z.object(summary).describe('An incident in a list');
export type IncidentSummary = z.infer<typeof IncidentSummary>;

export const IncidentView = z
  .object({
    ...summary,
    key: z.string().describe('What makes it one incident'),
    closedBecause: z.string().optional(),
    ladders: listOf(z.object({ ladder: z.string(), reason: z.string(), since: At, walked: z.number(), stopped: At.optional() })),
    runs: listOf(RunSummary).describe('Newest first'),
    people: listOf(z.string()).describe('Everybody who took part'),
    timeline: listOf(EntryView),
  })
  .describe('An incident with its timeline, runs and people');
export type IncidentView = z.infer<typeof IncidentView>;

export const IncidentPage = pageOf(IncidentSummary);

export const Told = z
  .object({ incident: z.string(), state: z.union([IncidentStateName, z.literal('recorded')]), text: z.string() })
  .describe('The answer to a note, a severity, a role, an update or a close');
export type Told = z.infer<typeof Told>;

export const Change = z
  .object({
    cursor: z.string().describe('Where to go on from'),
    incident: z.string(),
    cluster: Cluster,
    n: z.number(),
    at: At,
    type: z.string(),
    text: z.string().optional(),
    run: z.string().optional(),
    state: z.string().optional().describe('Of the run, where the line is about one'),
    data: EntryView.shape.data,
  })
  .describe('One new line of an incident’s timeline');
export type Change = z.infer<typeof Change>;
