import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { SalvorError } from '../../../src/model/error.ts';
import type { Person } from '../../../src/model/policy.ts';
import { whoIs } from '../../../src/slack/person.ts';
import { virtualClock } from '../../../src/world/clock.ts';

type Member = { [name: string]: string | boolean };

function slack(member: Member = {}, people: Person[] = [{ name: 'ana', slack: 'U0ANA', teams: ['platform'] }]) {
  const clock = virtualClock();
  const state = { member: { id: 'U0ANA', team_id: 'T01', ...member } as Member, asked: 0, away: false, people };
  const client = {
    async call<A>(_method: string, _args: object, answer: z.ZodType<A>): Promise<A> {
      state.asked += 1;
      if (state.away) throw new SalvorError('chat.unavailable', 'Slack cannot be reached: ECONNREFUSED (users.info)', { retry: 'later' });
      return answer.parse({ ok: true, user: state.member });
    },
  };
  const who = whoIs({ client, clock, self: async () => ({ teamId: 'T01', userId: 'U0BOT' }), people: () => state.people });
  return { state, clock, who: () => who({ id: 'U0ANA', teamId: 'T01' }), from: (teamId: string) => who({ id: 'U0ANA', teamId }) };
}

describe('who presses', () => {
  test('is the person of the configuration with this Slack id', async () => {
    expect(await slack().who()).toEqual({ ok: true, person: 'ana' });
  });

  test('is a member without a name here, where the configuration does not know them', async () => {
    expect(await slack({}, []).who()).toEqual({ ok: true });
  });

  test.each([
    ['is_bot', 'bot'],
    ['is_workflow_bot', 'bot'],
    ['is_restricted', 'guest'],
    ['is_ultra_restricted', 'guest'],
    ['deleted', 'deactivated'],
    ['is_stranger', 'stranger'],
  ])('is refused with %s, whatever the configuration says', async (flag, code) => {
    expect(await slack({ [flag]: true }).who()).toMatchObject({ ok: false, code });
  });

  test('is refused from another workspace, by the payload or by Slack’s own word', async () => {
    expect(await slack().from('T02')).toMatchObject({ ok: false, code: 'stranger' });
    expect(await slack({ team_id: 'T02' }).who()).toMatchObject({ ok: false, code: 'stranger' });
  });

  test('is asked of Slack at most once a minute, and never believed for longer', async () => {
    const { state, clock, who } = slack();
    await who();
    await clock.pass(59_000);
    await who();
    expect(state.asked).toBe(1);
    state.member = { ...state.member, deleted: true };
    await clock.pass(1000);
    expect(await who()).toMatchObject({ ok: false, code: 'deactivated' });
    expect(state.asked).toBe(2);
  });

  test('is nobody while Slack cannot be asked: an old answer decides nothing', async () => {
    const { state, clock, who } = slack();
    await who();
    await clock.pass(61_000);
    state.away = true;
    expect(await who()).toMatchObject({ ok: false, code: 'not-checked' });
    state.away = false;
    expect(await who()).toEqual({ ok: true, person: 'ana' });
  });

  test('a name that was taken out of the configuration counts at once', async () => {
    const { state, who } = slack();
    await who();
    state.people = [];
    expect(await who()).toEqual({ ok: true });
  });
});
