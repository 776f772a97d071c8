import type { Commands } from '../port/commands.ts';
import { PlaybookExplained } from '../port/view/explain.ts';
import { explainPlaybook } from '../run/explain-playbook.ts';
import { assertMayRead } from './access.ts';
import { clusterFor } from './cluster-for.ts';
import type { CommandDeps } from './deps.ts';
import { playbookNamed } from './playbook.ts';

/** What would be done, and who would be asked; nothing is stored. */
export function explaining(deps: CommandDeps): Pick<Commands, 'explain' | 'explainPlaybook'> {
  const { intake, actions, clock } = deps;
  return {
    async explain(caller, { body, atMs }) {
      assertMayRead(caller);
      return deps.explain({ body, atMs: atMs ?? clock.nowMs() });
    },
    async explainPlaybook(caller, { playbook: id, cluster: named }) {
      assertMayRead(caller);
      const playbook = playbookNamed(deps, id);
      const cluster = clusterFor(deps, { playbook, params: {}, cluster: named });
      return PlaybookExplained.parse(await explainPlaybook({ intake, actions }, { playbook, cluster, nowMs: clock.nowMs() }));
    },
  };
}
