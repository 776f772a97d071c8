import { z } from 'zod';
import { GlassView, RiskName, VoterView } from './run.ts';
import { Cluster, listOf } from './shape.ts';

/** What `explain` says of a playbook. */
export const StageExplained = z.object({
  stage: z.string(),
  actions: listOf(z.string()).optional(),
  risk: RiskName.optional().describe('The highest that its actions declare'),
  needs: z.string().optional().describe('Whom it asks, in words, if all of its actions have something to change'),
  rules: listOf(z.string()).optional().describe('By which rules, as the configuration calls them'),
  people: listOf(VoterView).optional().describe('Who may approve it, or answer it, and who may not'),
  glass: GlassView.optional(),
  waits: z.string().optional().describe('The action that it waits by'),
  asks: z.string().optional().describe('Its question'),
  role: z.string().optional().describe('Who answers it'),
});
export type StageExplained = z.infer<typeof StageExplained>;

export const GateExplained = z.object({ gate: z.string(), reason: z.string(), until: z.string().optional() });

export const PlaybookExplained = z
  .object({ playbook: z.string(), cluster: Cluster, gates: listOf(GateExplained).describe('What would hold it now'), stages: listOf(StageExplained) })
  .describe('What a playbook would have to pass: gates, and of each stage who approves it');
export type PlaybookExplained = z.infer<typeof PlaybookExplained>;
