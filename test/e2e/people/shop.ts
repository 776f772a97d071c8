import type { WorldScenario } from '../../../src/world/world.ts';

export const SHOP_BACKUP = 'daily-20261121020000';

/** A namespace that lives, and one good backup of it. */
export const SHOP: WorldScenario = {
  nodes: [{ name: 'w1' }],
  namespaces: ['shop'],
  pods: [{ name: 'shop/api-0', node: 'w1' }],
  objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'prices', namespace: 'shop' }, data: { apple: '3' } }],
  schedules: [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'] } }],
  backups: [{ name: SHOP_BACKUP, schedule: 'daily', ago: '10h', namespaces: ['shop'] }],
};

/** What cannot be taken back takes one of each team, neither of them who asked, and the word typed. */
export const TWO_PEOPLE =
  '{ destructive: { need: [{ team: platform, count: 1 }, { team: incident-command, count: 1 }], notRequester: true, typedConfirmation: true, within: 15m } }';
