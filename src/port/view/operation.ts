import { z } from 'zod';
import { AnyObject, At, Cluster, listOf, pageOf } from './shape.ts';

/** What operators look at beside incidents and runs. */
export const Ledger = z
  .object({ accepted: z.number(), handled: z.number(), pending: z.number(), quarantined: z.number() })
  .describe('The account of every alert ever received: accepted is the sum of the others, always');
export type Ledger = z.infer<typeof Ledger>;

export const LockView = z.object({
  key: z.string(),
  cluster: Cluster,
  run: z.string(),
  since: At,
  waiting: listOf(z.object({ run: z.string(), since: At })).describe('First come, first served'),
});
export const LockList = z.object({ items: listOf(LockView) });
export type LockList = z.infer<typeof LockList>;

export const PauseView = z.object({
  cluster: Cluster,
  playbook: z.string().optional().describe('Absent: every playbook'),
  by: z.string(),
  reason: z.string(),
  since: At,
  until: At.optional().describe('Absent: until somebody resumes'),
});
export const FreezeView = z.object({
  cluster: Cluster,
  name: z.string(),
  by: z.string().optional().describe('Absent: the configuration'),
  reason: z.string().optional(),
  since: At,
  until: At,
});
export const PauseList = z.object({
  items: listOf(PauseView),
  freezes: listOf(FreezeView).optional().describe('While one is in force nothing but an undo is written there; absent: nothing is frozen'),
});
export type PauseList = z.infer<typeof PauseList>;

export const QuarantineView = z.object({ id: z.string(), at: At, reason: z.string(), cluster: z.string().optional(), excerpt: z.string() });
export const QuarantinePage = pageOf(QuarantineView);
export type QuarantineView = z.infer<typeof QuarantineView>;

export const AuditProblem = z.object({ cluster: Cluster, journal: z.string(), n: z.number().optional(), reason: z.string() });
export const AuditReport = z
  .object({
    ok: z.boolean(),
    journals: z.number(),
    entries: z.number(),
    sealed: z.number().describe('Journals whose head is sealed'),
    problems: listOf(AuditProblem),
  })
  .describe('Whether every journal is as it was written');
export type AuditReport = z.infer<typeof AuditReport>;

export const AuditLine = z
  .object({ cluster: Cluster, journal: z.string(), n: z.number(), at: At, type: z.string(), data: AnyObject, hash: z.string() })
  .describe('One journal entry; the export has one a line');
export type AuditLine = z.infer<typeof AuditLine>;

export const StoreCopy = z.object({ file: z.string(), sizeBytes: z.number() });
export type StoreCopy = z.infer<typeof StoreCopy>;

export const StoreHealth = z.object({ ok: z.boolean(), problems: listOf(z.string()) });
export type StoreHealth = z.infer<typeof StoreHealth>;
