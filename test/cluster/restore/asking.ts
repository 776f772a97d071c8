import type { RunView } from '../../../src/port/view/run.ts';
import { until } from '../../e2e/stage/until.ts';
import type { Responder } from '../backup-failed/responder.ts';

const ENDS: readonly RunView['state'][] = ['done', 'failed', 'handed-over', 'rolled-back', 'cancelled', 'recovered'];

/** A person who asks for restores and looks at what becomes of them. */
export function asking(salvor: Pick<Responder, 'api'>) {
  const settled = (id: string, states: readonly RunView['state'][] = []): Promise<RunView> =>
    until(
      `the run is ${[...states, ...ENDS].join(' or ')}`,
      async () => {
        const run = await salvor.api.run(id);
        return [...ENDS, ...states].includes(run.state) ? run : undefined;
      },
      { withinMs: 60_000, everyMs: 100 },
    );
  return {
    settled,
    /** Asks, and answers once there is a plan, or none. */
    ask: async (playbook: string, params: { readonly [name: string]: string }): Promise<RunView> =>
      settled((await salvor.api.start(playbook, params)).run, ['proposed']),
  };
}

export const notesOf = ({ plan }: RunView): string => (plan?.steps ?? []).flatMap(({ notes }) => notes).join('\n');
