import { describe, expect, test } from 'vitest';
import { openSite } from '../api/site.ts';
import { freshFolder, SITE } from './folder.ts';
import { say } from './terminal.ts';

const { put } = freshFolder();

/** What `salvor explain backup-delete` says. */
const GOLDEN = `backup-delete on prod asks people once (1 stage; nothing is stored)
  gates     open
  stage     go: backup.delete (destructive); needs 1 of platform and 1 of incident-command, not the requester, typed confirmation, within 1h
  by        approvals.destructive, what backup-delete asks for itself
  may       ana (in platform), ben (in platform, incident-command), cleo (in incident-command)
  may not   dora, eva: is in none of the teams that decide: 1 of platform and 1 of incident-command
  glass     in an emergency 1 of leads may start it without the others (dora); security is called
`;

describe('salvor explain', () => {
  const body = (labels: object): string =>
    JSON.stringify({
      receiver: 'salvor',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels,
          annotations: {},
          startsAt: '2026-11-21T02:00:00Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: '',
          fingerprint: '0123456789abcdef',
        },
      ],
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: 'http://am',
      version: '4',
      groupKey: '{}:{}',
      truncatedAlerts: 0,
    });

  test('says per alert which playbook answers and why the others do not, who approves, and that no cluster was asked', async () => {
    const config = put('salvor.yaml', SITE);
    const labels = { alertname: 'VeleroBackupFailed', cluster: 'prod', schedule: 'daily', severity: 'critical' };
    const { out, code } = await say(['explain', '--config', config, '--at', '2026-11-21T02:10:00Z'], { stdin: body(labels) });
    expect(out.split('\n')[0]).toBe('1 alert: 1 would start or join a run (as if it came at 2026-11-21T02:10:00.000Z; nothing is stored)');
    expect(out).toContain('\nVeleroBackupFailed (firing) on prod: backup-failed on daily\n');
    expect(out).toMatch(/ {2}because +its labels fit /);
    expect(out).toMatch(/ {2}with +schedule=daily namespace=velero\n/);
    expect(out).toMatch(/ {2}gates +open\n/);
    expect(out).toMatch(/ {2}stage +retry: backup\.create \(reversible\); needs 1 /);
    expect(out).toMatch(/ {2}by +approvals\.reversible, what backup-failed asks for itself\n {2}may +ana \(in platform\)\n/);
    expect(out).toMatch(/ {2}sends +not known here/);
    expect(out).toMatch(/ {2}not +backup-run: it has no matchers/);
    expect(code).toBe(0);
  });

  test('of a playbook says by which rule whom it asks, how many, who may, and who may not and why', async () => {
    const config = put(
      'salvor.yaml',
      `clusters: [{ name: prod, kubeconfig: ./kubeconfig, default: true }, { name: dr, kubeconfig: ./kubeconfig }]
people:
  - { name: ana, teams: [platform] }
  - { name: ben, teams: [platform, incident-command] }
  - { name: cleo, teams: [incident-command] }
  - { name: dora, teams: [leads] }
  - { name: eva, teams: [shop] }
roles: { approver: [platform], commander: [incident-command], owner: [platform] }
approvals:
  destructive: { need: [{ team: platform, count: 1 }, { team: incident-command, count: 1 }], notRequester: true, typedConfirmation: true, within: 20m }
  stricter: [{ action: volume.swap, distinctTeams: true }]
  breakGlass: { need: [{ team: leads, count: 1 }], page: security }
gates: { freezes: [{ name: release, from: '2026-01-01T00:00:00', until: '2100-01-01T00:00:00', timeZone: UTC, clusters: [dr] }] }
`,
    );
    const { out, err, code } = await say(['explain', 'backup-delete', '--config', config]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(GOLDEN);
    const held = await say(['explain', 'backup-delete', '--cluster', 'dr', '--config', config]);
    expect(held.out).toMatch(
      /^backup-delete on dr asks people once, and is held now .*\n {2}gates +held by freeze: dr is frozen by "release" until 2100-01-01 00:00:00 UTC\n/,
    );
    const json = JSON.parse((await say(['explain', 'backup-delete', '--config', config, '--json'])).out);
    expect(json).toMatchObject({ playbook: 'backup-delete', cluster: 'prod', gates: [] });
  });

  test('of a playbook or a cluster that is not there, the nearest; and a cluster is of a playbook', async () => {
    const config = put('salvor.yaml', SITE);
    expect(await say(['explain', 'backup-delet', '--config', config])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean backup-delete?') });
    expect(await say(['explain', 'backup-delete', '--cluster', 'prud', '--config', config])).toMatchObject({ code: 2, err: expect.stringContaining('prod') });
    expect(await say(['explain', '--cluster', 'prod', '--config', config], { stdin: '{}' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('an alert says its own'),
    });
  });

  test('shows a freeze that holds at that time, and not at another', async () => {
    const config = put(
      'salvor.yaml',
      `${SITE}gates: { freezes: [{ name: release, from: '2026-12-24T00:00:00', until: '2026-12-27T00:00:00', timeZone: UTC }] }\n`,
    );
    const stdin = body({ alertname: 'VeleroBackupFailed', cluster: 'prod', schedule: 'daily' });
    expect((await say(['explain', '--config', config, '--at', '2026-12-25T12:00:00Z'], { stdin })).out).toMatch(/gates +held by freeze: .*release/);
    expect((await say(['explain', '--config', config, '--at', '2026-12-28T12:00:00Z'], { stdin })).out).toMatch(/gates +open/);
  });

  test('what nothing answers, and what belongs to no cluster here, is said as such', async () => {
    const config = put('salvor.yaml', SITE);
    const odd = await say(['explain', '--config', config], { stdin: body({ alertname: 'DiskNoise', cluster: 'prod', severity: 'critical' }) });
    expect(odd.out).toContain('DiskNoise (firing) on prod: no playbook answers it; somebody is paged');
    const foreign = await say(['explain', '--config', config], { stdin: body({ alertname: 'DiskNoise', cluster: 'moon' }) });
    expect(foreign.out).toMatch(/^0 alerts: 0 would start or join a run, 1 quarantined/);
    expect(foreign.out).toContain('Quarantined: its cluster label says "moon"');
  });

  test('asks the server that is named, and prints its JSON', async () => {
    const site = await openSite();
    const { out } = await say(['explain', '--json'], { url: site.url, person: 'ana', stdin: '{"version":"4"}' });
    expect(JSON.parse(out)).toMatchObject({ alerts: [], body: { version: '4' } });
    const playbook = await say(['explain', 'node-isolate', '--cluster', 'staging'], { url: site.url, person: 'ana' });
    expect(playbook.out).toContain('node-isolate on staging asks people twice (2 stages; nothing is stored)\n  gates     open\n');
    expect(playbook.out).toContain('  may       ana (in platform), ben (in platform)\n');
    expect(await say(['explain', 'node-isolat'], { url: site.url, person: 'ana' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean node-isolate?'),
    });
    await site.close();
  });

  test('a terminal, no JSON, no body, a wrong time and a wrong configuration are wrong use', async () => {
    const config = put('salvor.yaml', SITE);
    expect(await say(['explain'], { isTerminal: true })).toMatchObject({ code: 2, err: expect.stringContaining('< body.json') });
    expect((await say(['explain', '--config', config], { stdin: '{' })).code).toBe(2);
    expect(await say(['explain', '--config', config], { stdin: '[]' })).toMatchObject({ code: 2, err: expect.stringContaining('version "4"') });
    expect((await say(['explain', '--config', config, '--at', 'noon'], { stdin: '{}' })).code).toBe(2);
    expect(await say(['explain', '--config', put('bad.yaml', 'clusters: []\n')], { stdin: '{}' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('bad.yaml:1:11'),
    });
  });
});
