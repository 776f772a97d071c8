import { z } from 'zod';
import { RiskName } from './run.ts';
import { AnyObject, listOf } from './shape.ts';

/** A playbook as people and programs see it. */
const summary = {
  id: z.string(),
  digest: z.string(),
  summary: z.string(),
  severity: z.string().optional(),
  command: z.string().optional(),
  aliases: listOf(z.string()),
  risk: RiskName.describe('The highest of its actions'),
  startedBy: listOf(z.enum(['alert', 'command', 'schedule', 'storm'])),
  params: listOf(z.string()),
};

export const PlaybookSummary = z.object(summary).describe('A playbook in a list');
export type PlaybookSummary = z.infer<typeof PlaybookSummary>;

export const PlaybookView = z
  .object({
    ...summary,
    match: listOf(z.string()).describe('Alertmanager matchers; all must match'),
    schedule: z.object({ cron: z.string(), timeZone: z.string(), clusters: z.union([z.literal('all'), listOf(z.string())]) }).optional(),
    parameters: AnyObject.describe('JSON schema of the parameters'),
    needs: listOf(z.string()).describe('Parameters that whoever starts it by hand must give: nothing else brings them'),
    actions: listOf(
      z.object({ action: z.string(), summary: z.string().optional(), kind: z.string().optional(), risk: RiskName, stage: z.string().optional() }),
    ),
    stages: listOf(
      z.object({
        id: z.string(),
        kind: z.enum(['steps', 'await', 'ask']),
        risk: RiskName,
        asks: z.string().optional().describe('Who has to approve it, in words'),
      }),
    ),
    text: z.string().describe('The file'),
  })
  .describe('A playbook with its parameters, actions, risk and approvals');
export type PlaybookView = z.infer<typeof PlaybookView>;

export const PlaybookList = z.object({ items: listOf(PlaybookSummary) });
