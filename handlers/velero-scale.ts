import { diagnosis, type Finding, z } from '../src/action/contract.ts';

/** Says why Velero is not scaled: it elects no leader, so a second server works on the same backups. What gives more at once stands beside it. */
export const veleroScale = diagnosis({
  id: 'velero.scale',
  summary: 'Say why the Velero server is not scaled, and what gives more at once',
  needs: [],
  params: z.strictObject({ replicas: z.number().int().min(0) }),
  facts: z.strictObject({ replicas: z.number() }),

  async run({ params: { replicas } }) {
    const [reason, ...more] =
      replicas === 1
        ? ['one replica is what Velero is made for: there is nothing to scale']
        : replicas === 0
          ? ['refused: without its server nothing is backed up. To hold backups back, pause their schedules: salvor run schedule-pause']
          : [
              `refused: Velero is one replica by design. It elects no leader, so ${replicas} servers take up the same backup and the same deletion`,
              'More backups at once: --concurrent-backups of the server',
              'More volumes at once: loadConcurrency in the configuration of the node agent',
              'A server that comes back sooner: one replica, strategy Recreate, a priority class',
            ];
    const finding: Finding = { kind: 'act', reason: reason ?? '' };
    return { finding, facts: { replicas }, evidence: [finding.reason, ...more] };
  },
});
