import { z } from 'zod';
import { At, Cluster, listOf } from './shape.ts';

const RunSaid = z.object({
  run: z.string(),
  playbook: z.string(),
  target: z.string(),
  state: z.string(),
  at: At,
  text: z.string().describe('How it stands or ended, in words'),
});

export const ClusterPosture = z.object({
  cluster: Cluster,
  looked: RunSaid.optional().describe('The newest look at whether backups can be relied on; absent: nobody looked yet'),
  failing: listOf(RunSaid).describe('Schedules whose last backup failed or is late, and is not well again'),
  drill: RunSaid.optional().describe('The newest drill that restored a backup well; absent: none is known'),
});
export type ClusterPosture = z.infer<typeof ClusterPosture>;

export const Posture = z.object({ clusters: listOf(ClusterPosture) }).describe('How ready each cluster is to be recovered, by what runs found');
export type Posture = z.infer<typeof Posture>;
