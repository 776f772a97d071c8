import { type Config, readSecret } from '../config.ts';
import { type PositionOf, type Problem, problemAt } from '../model/problem.ts';
import type { Clock } from '../port/clock.ts';
import { lookAtSlack } from '../slack/check.ts';
import type { Live } from './check.ts';

/** What Slack lets us do, where it is configured: tokens, scopes, channel, clock, people. */
export async function liveSlack({
  config,
  positionOf,
  clock,
}: {
  readonly config: Config;
  readonly positionOf: PositionOf;
  readonly clock: Clock;
}): Promise<Live> {
  const { slack, policy } = config;
  if (slack === undefined) return { problems: [], unreached: [] };
  const { findings, unreached } = await lookAtSlack({
    botToken: readSecret(slack.botToken).trim(),
    ...(slack.mode === 'socket' ? { appToken: readSecret(slack.appToken).trim() } : {}),
    apiUrl: slack.apiUrl,
    channel: slack.channel,
    people: policy.people,
    clock,
  });
  const problems = findings.map(({ code, path, message, warning }): Problem => {
    return Object.assign(problemAt(positionOf, { path, message, ...(warning === true ? { warning } : {}) }), { code });
  });
  return { problems, unreached: unreached ? ['Slack'] : [] };
}
