import type { Commands } from '../port/commands.ts';
import { decisions } from './approve.ts';
import { audit } from './audit.ts';
import { changes } from './change.ts';
import { choices } from './choice.ts';
import type { CommandDeps } from './deps.ts';
import { explaining } from './explain.ts';
import { incidents } from './incident.ts';
import { locks } from './lock.ts';
import { onCalls } from './on-call.ts';
import { operations } from './operation.ts';
import { pauses } from './pause.ts';
import { playbookViews } from './playbook.ts';
import { posture } from './posture.ts';
import { proposals } from './proposal.ts';
import { runViews } from './run.ts';
import { starting } from './start.ts';
import { steering } from './steer.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Everything that people and programs can ask, over the store. */
export function createCommands(deps: CommandDeps): Commands {
  return withoutSecrets({
    ...operations(deps),
    ...incidents(deps),
    ...runViews(deps),
    ...decisions(deps),
    ...proposals(deps),
    ...steering(deps),
    ...locks(deps),
    ...starting(deps),
    ...playbookViews(deps),
    ...choices(deps),
    ...explaining(deps),
    ...posture(deps),
    ...onCalls(deps),
    ...pauses(deps),
    ...audit(deps),
    ...changes(deps),
  });
}
