import { type Action, remediation, z } from '../../../src/action/contract.ts';
import type { Reader } from '../../../src/port/kube.ts';
import { configMap, field } from './config-map.ts';

/** Actions that misbehave, each in one way, and what the engine has to make of it. */
const created = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name } });
const harmless = { params: z.strictObject({}), result: z.strictObject({}), rollback: { impossible: 'it cannot' } } as const;
const verified = async () => ({ ok: true as const, evidence: [] });

/** Tries to write what its plan does not name. */
const stray = remediation({
  ...harmless,
  id: 'test.stray',
  summary: 'Write what was not planned',
  risk: 'reversible',
  needs: ['create configmaps'],
  async plan() {
    return { summary: 'Create one', changes: [{ verb: 'create', object: 'ConfigMap/app/planned' }], undo: [], facts: {} };
  },
  async execute({ kube }) {
    await kube.create(created('not-planned'));
    return {};
  },
  verify: verified,
});

/** Patches a field that its plan does not name, on an object that it does. */
const sneaky = remediation({
  ...harmless,
  id: 'test.sneaky',
  summary: 'Patch another field',
  risk: 'reversible',
  needs: ['patch configmaps'],
  async plan() {
    return { summary: 'Set the state', changes: [{ verb: 'patch', object: 'ConfigMap/app/switch', field: 'data.state' }], undo: [], facts: {} };
  },
  async execute({ kube }) {
    const now = await kube.get(configMap('switch'));
    await kube.patch(configMap('switch'), { data: { state: 'on', owner: 'me' } }, { uid: now.metadata.uid ?? '' });
    return {};
  },
  verify: verified,
});

/** Hangs while the ConfigMap `slow` is there, and tries to write behind its time limit. */
const slow = remediation({
  ...harmless,
  id: 'test.slow',
  summary: 'Take too long',
  risk: 'reversible',
  needs: ['create configmaps'],
  timeoutMs: 5000,
  async plan() {
    return { summary: 'Create late', changes: [{ verb: 'create', object: 'ConfigMap/app/late' }], undo: [], facts: {} };
  },
  async execute({ kube, signal }) {
    const story = await kube.find(configMap('slow'));
    if (story !== undefined) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    if (field(story, 'state') === 'heeds') throw new Error('the signal was aborted');
    await kube.create(created('late'));
    return {};
  },
  verify: verified,
});

/** Creates three ConfigMaps at once, or as many changes as it is asked to plan. */
const many = remediation({
  ...harmless,
  id: 'test.many',
  summary: 'Write several at once',
  risk: 'reversible',
  needs: ['create configmaps'],
  params: z.strictObject({ count: z.number().default(3) }),
  async plan({ params }) {
    const changes = Array.from({ length: params.count }, (_, at) => ({ verb: 'create', object: `ConfigMap/app/many-${at}` }) as const);
    return { summary: `Create ${params.count}`, changes, undo: [], facts: {} };
  },
  async execute({ kube, params }) {
    await Promise.all(Array.from({ length: params.count }, (_, at) => kube.create(created(`many-${at}`))));
    return {};
  },
  verify: verified,
});

/** Writes in its plan, as only a handler without types can try. */
const eager = remediation({
  ...harmless,
  id: 'test.eager',
  summary: 'Write while planning',
  risk: 'reversible',
  needs: ['create configmaps'],
  async plan({ kube }) {
    const writer = kube as unknown as { readonly create: (manifest: object) => Promise<object> };
    await writer.create(created('eager'));
    return { summary: 'Create', changes: [], undo: [], facts: {} };
  },
  async execute() {
    return {};
  },
  verify: verified,
});

/** Writes three things one after the other in one call. */
const march = remediation({
  ...harmless,
  id: 'test.march',
  summary: 'Write one after the other',
  risk: 'reversible',
  needs: ['create configmaps', 'delete configmaps'],
  timeoutMs: 600_000,
  async plan() {
    const changes = ['a', 'b', 'c'].map((one) => ({ verb: 'create', object: `ConfigMap/app/march-${one}` }) as const);
    return { summary: 'March', changes, undo: changes.map(({ object }) => ({ verb: 'delete', object })), facts: {} };
  },
  async execute({ kube }) {
    for (const one of ['a', 'b', 'c']) {
      if ((await kube.find(configMap(`march-${one}`))) === undefined) await kube.create(created(`march-${one}`));
    }
    return {};
  },
  verify: verified,
  async rollback({ kube }) {
    for (const one of ['a', 'b', 'c']) {
      const made = await kube.find(configMap(`march-${one}`));
      if (made?.metadata.uid !== undefined) await kube.delete(configMap(made.metadata.name), { uid: made.metadata.uid });
    }
    return { kind: 'undone' };
  },
});

const level = async (kube: Pick<Reader, 'find'>) => ({ level: field(await kube.find(configMap('level')), 'state') });

/** Plans dearly, so between its rounds only its facts are asked; writes what was approved, one a round. */
const dear = remediation({
  ...harmless,
  id: 'test.dear',
  summary: 'Write one a round',
  risk: 'reversible',
  needs: ['create configmaps'],
  result: z.strictObject({ waves: z.number() }),
  async plan({ kube }) {
    if (field(await kube.find(configMap('planning')), 'state') === 'broken') throw new Error('it was planned again');
    const changes = ['a', 'b'].map((one) => ({ verb: 'create', object: `ConfigMap/app/wave-${one}` }) as const);
    return { summary: 'Write in waves', changes, undo: [], facts: await level(kube) };
  },
  facts: ({ kube }) => level(kube),
  async execute({ kube, approved = [] }) {
    for (const { object } of approved) {
      const name = object.split('/').at(-1) ?? '';
      if ((await kube.find(configMap(name))) !== undefined) continue;
      await kube.create(created(name));
      return { more: 10_000, progress: name };
    }
    return { waves: approved.length };
  },
  verify: verified,
});

/** Answers what its result schema refuses while the ConfigMap `bad` is there. */
const liar = remediation({
  ...harmless,
  id: 'test.liar',
  summary: 'Answer nonsense',
  risk: 'reversible',
  needs: ['create configmaps'],
  result: z.strictObject({ size: z.number() }),
  async plan() {
    return { summary: 'Create', changes: [{ verb: 'create', object: 'ConfigMap/app/lie' }], undo: [], facts: {} };
  },
  async execute({ kube }) {
    await kube.create(created('lie'));
    const size: unknown = field(await kube.find(configMap('bad')), 'state') ?? 3;
    return { size: size as number };
  },
  verify: verified,
});

export const oddActions: readonly Action[] = [stray, sneaky, slow, many, eager, march, dear, liar];
