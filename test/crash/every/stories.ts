import type { Site } from '../../../src/config.ts';
import type { Rehearsal } from '../../../src/model/playbook.ts';
import { DAILY_FAILED, failedNight } from '../../scenario/scene.ts';
import type { Story } from './play.ts';

const HOURLY_FAILED = { ...DAILY_FAILED, schedule: 'hourly' };
const minutes = (n: number): number => n * 60_000;

/** An incident that is mitigated, opens again for a second backup of the same night, and is over when both alerts are. */
const again: Rehearsal = {
  name: 'The night goes on',
  world: failedNight('server-restarted', {
    schedules: ['daily', 'hourly'].map((name) => ({ name, cron: '0 2 * * *', template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } })),
    backups: ['daily', 'hourly'].flatMap((schedule) => [
      { name: `${schedule}-20261120020000`, schedule, phase: 'Completed', ago: '34h', namespaces: ['shop'], items: 210, volumes: 3 },
      { name: `${schedule}-20261121020000`, schedule, phase: 'Failed', reason: 'server-restarted', ago: '10h', namespaces: ['shop'] },
    ]),
    next: ['daily', 'hourly'].map((schedule) => ({ outcome: 'completed', schedule, items: 214, volumes: 3, takes: '2m' })),
  }),
  script: [
    { alert: DAILY_FAILED, status: 'firing' },
    { after: minutes(1) },
    { press: 'approve', by: 'ana' },
    { after: minutes(5) },
    { alert: HOURLY_FAILED, status: 'firing' },
    { after: minutes(1) },
    { press: 'approve', by: 'ana' },
    { after: minutes(5) },
    { alert: HOURLY_FAILED, status: 'resolved' },
    { alert: DAILY_FAILED, status: 'resolved' },
    { after: minutes(1) },
  ],
};

/** Every rehearsal of the playbooks, and what none of them tells. */
export function allStories({ playbooks }: Pick<Site, 'playbooks'>): readonly Story[] {
  return playbooks.flatMap((playbook) =>
    [...playbook.rehearsal, ...(playbook.id === 'backup-failed' ? [again] : [])].map((rehearsal) => ({ playbook, rehearsal })),
  );
}
