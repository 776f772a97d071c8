import { parseParams } from '../action/parse.ts';
import { errorText } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import { resolveWith } from '../playbook/resolve.ts';
import type { Engine } from './engine.ts';
import type { Find, Found } from './intake.ts';
import { actionOf, nowIn, timed } from './perform/call.ts';
import { readerOf } from './views.ts';

/** Asks a playbook's finder what to work on: reads the cluster, writes nothing. */
export async function findTargets(engine: Engine, { playbook, cluster: name, labels, params }: Find): Promise<Found> {
  const { find } = playbook;
  if (find === undefined) return { failed: `${playbook.id} has no finder` };
  const cluster = engine.clusters.get(name);
  if (cluster === undefined) return { failed: `the cluster ${name} is not configured` };
  try {
    const action = actionOf(engine, find.action, 'finder');
    const scope = { labels, params, found: {}, run: { id: '', cluster: name }, diagnosis: {}, steps: {}, checks: {}, answers: {} };
    const resolved = resolveWith(find.with, scope);
    if (!resolved.ok) return { failed: `${find.action} needs ${resolved.absent.join(', ')}, which is not known` };
    const given = parseParams(action, resolved.params) as never;
    const found: readonly JsonObject[] = await timed(engine, { action, signal: new AbortController().signal }, (signal) =>
      action.run({ run: '', cluster: name, nowMs: nowIn(engine, cluster), signal, params: given, kube: readerOf(cluster.access) }),
    );
    return found;
  } catch (error) {
    return { failed: errorText(error) };
  }
}
