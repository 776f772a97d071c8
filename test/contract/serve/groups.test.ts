import { expect, test } from 'vitest';
import { withGroups } from '../../../src/approval/group.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { pagerdutyRest } from '../../../src/pagerduty/rest.ts';
import { silentLog } from '../../../src/port/log.ts';
import { connectGroups } from '../../../src/serve/groups.ts';
import { slackClient } from '../../../src/slack/client.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { policy as sample } from '../../unit/run/samples.ts';
import { openPagerDuty } from '../world/pagerduty/open.ts';
import { BOT, stage } from '../world/slack/stage.ts';

const NAMES = ['ana', 'ben', 'cleo', 'gus', 'rob', 'eve', 'ext'];
const policy: Policy = {
  ...sample,
  people: NAMES.map((name) => ({ name, slack: `U0${name.toUpperCase()}`, pagerduty: `P0${name.toUpperCase()}`, teams: [] })),
  approvals: {
    ...sample.approvals,
    reversible: {
      ...sample.approvals.reversible,
      need: ['usergroup:dr', 'usergroup:@dr', 'usergroup:gone', 'oncall:night', 'oncall:PDNIGHT', 'oncall:gone'].map((team) => ({ team, count: 1 })),
    },
  },
};

/** A user group with one of each whom nobody should count, and a schedule. */
async function openGroups() {
  const users = [
    { name: 'gus', guest: 'multi' as const },
    { name: 'rob', bot: true },
    { name: 'eve', deleted: true },
    { name: 'ext', stranger: true },
  ];
  const { slack, served } = await stage({ users, groups: [{ handle: 'dr', users: ['ana', 'ben', 'gus', 'rob', 'eve', 'ext'] }] });
  const pager = await openPagerDuty({ schedules: [{ name: 'night', onCall: ['cleo'] }] });
  const clock = virtualClock();
  let changes = 0;
  const groups = connectGroups({
    config: () => ({ policy }),
    slack: () => slackClient({ token: () => BOT, apiUrl: served.apiUrl }),
    pagerduty: () => pagerdutyRest({ token: () => 'u+test', url: pager.url }),
    clock,
    log: silentLog,
    changed: async () => {
      changes += 1;
    },
  });
  const peopleOf = (team: string) => {
    const { groups: known = {} } = withGroups(policy, groups.known(), clock.nowMs());
    return known[team];
  };
  return { slack, pagerduty: pager.pagerduty, clock, groups, peopleOf, changes: () => changes };
}

test('who is in a user group or on call may approve; guests, bots, deactivated accounts and other workspaces never count', async () => {
  const { groups, peopleOf, changes } = await openGroups();
  expect(peopleOf('usergroup:dr')).toEqual({});
  await groups.look();
  expect(peopleOf('usergroup:dr')).toMatchObject({ people: ['ana', 'ben'] });
  expect(peopleOf('usergroup:@dr')).toMatchObject({ people: ['ana', 'ben'] });
  expect(peopleOf('oncall:night')).toMatchObject({ people: ['cleo'] });
  expect(peopleOf('oncall:PDNIGHT')).toMatchObject({ people: ['cleo'] });
  expect(peopleOf('usergroup:gone')).toEqual({ problem: 'Slack has no user group gone' });
  expect(peopleOf('oncall:gone')).toEqual({ problem: 'PagerDuty has no schedule gone, or several' });
  await groups.look();
  expect(changes()).toBe(1);
});

test('while neither can be asked the last answer counts for an hour, and then nobody is in them', async () => {
  const { slack, pagerduty, clock, groups, peopleOf, changes } = await openGroups();
  await groups.look();
  slack.fault({ give: 'down' });
  pagerduty.fault({ give: 'down' });
  await clock.pass(3_599_000);
  await groups.look();
  expect(peopleOf('usergroup:dr')).toMatchObject({ people: ['ana', 'ben'], problem: expect.any(String) });
  expect(peopleOf('oncall:night')).toMatchObject({ people: ['cleo'], problem: expect.any(String) });
  await clock.pass(2000);
  expect(peopleOf('usergroup:dr')?.people).toBeUndefined();
  expect(peopleOf('oncall:night')?.people).toBeUndefined();

  slack.clearFaults();
  pagerduty.faults.clear();
  pagerduty.apply({ schedules: [{ name: 'night', onCall: ['ben'] }] });
  await groups.look();
  expect(peopleOf('oncall:night')).toMatchObject({ people: ['ben'] });
  expect(changes()).toBe(2);
});
