import { type KubeObject, type RemediationAction, remediation, z } from '../src/action/contract.ts';
import { DOWNLOAD_NEEDS } from '../src/domain/velero/asking-needs.ts';
import { type Backup, readBackup } from '../src/domain/velero/backup.ts';
import { backupManifest } from '../src/domain/velero/backup-manifest.ts';
import { failureText } from '../src/domain/velero/backup-proof.ts';
import { backupRef } from '../src/domain/velero/kinds.ts';
import { isGood, isTerminal } from '../src/domain/velero/phase.ts';
import { kindName, namespacesIn, readContents } from '../src/domain/velero/restore/contents.ts';
import { broughtBy, restoreName, restoreRef, safetyName, volumeRestoresQuery } from '../src/domain/velero/restore/kinds.ts';
import { climb } from '../src/domain/velero/restore/ladder.ts';
import { FIRST_NEEDS, LOOKED_AT } from '../src/domain/velero/restore/looked-at.ts';
import { restoreManifest } from '../src/domain/velero/restore/manifest.ts';
import { Name, restoreParams } from '../src/domain/velero/restore/params.ts';
import { readRestore, restoreFailureText, restoreProgress } from '../src/domain/velero/restore/restore.ts';
import { readOrder, wavesOf } from '../src/domain/velero/restore/waves.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { counted } from '../src/model/counted.ts';
import { SalvorError } from '../src/model/error.ts';
import { isObject, type JsonObject } from '../src/model/json.ts';
import { MARK, type ObjectRef, objectName } from '../src/model/object.ts';
import type { Change } from '../src/model/plan.ts';

type Prober = Parameters<RemediationAction['plan']>[0]['kube'];
type Reader = Parameters<RemediationAction['verify']>[0]['kube'];
type Writer = Parameters<RemediationAction['execute']>[0]['kube'];

const LOOK_AGAIN_MS = 5000;
const MOST_BYTES = 16 * 1024 * 1024;
const KEPT_FOR = '720h0m0s';

const Params = z.strictObject({ backup: Name, order: z.string().optional(), namespace: restoreParams.namespace });
type Params = z.output<typeof Params>;
const Result = z.strictObject({ namespace: z.string(), restores: z.array(z.string()) });

/**
 * Restore all namespaces of a backup, wave after wave; a wave begins when the one before it is Completed. What lives is backed up first, in one backup.
 *
 * Writes  at most one Backup, one Restore a wave; with annotations that name the run and the step.
 * Voids   an approval when the backup or what lives of its namespaces changes before the first write.
 */
export const restoreWaves = remediation({
  id: 'restore.waves',
  summary: 'Restore all namespaces of a backup, wave after wave',
  risk: 'destructive',
  needs: [
    'get backups.velero.io',
    'create backups.velero.io',
    'get restores.velero.io',
    'create restores.velero.io',
    'list podvolumerestores.velero.io',
    ...DOWNLOAD_NEEDS,
  ],
  everywhere: { needs: ['list namespaces', ...FIRST_NEEDS] },
  timeoutMs: 120_000,
  params: Params,
  result: Result,

  async plan({ params, kube, stepKey }) {
    const { namespace } = params;
    const { backup, waves, live } = await look(kube, params);
    const changes: readonly Change[] = [
      ...(live.length === 0
        ? []
        : [
            {
              verb: 'create' as const,
              object: objectName(backupRef(namespace, safetyName(params.backup, stepKey))),
              to: safetySpec(live),
              risk: 'reversible' as const,
            },
          ]),
      ...waves.map((wave, index) => ({
        verb: 'create' as const,
        object: objectName(restoreRef(namespace, waveName(params, stepKey, index))),
        to: waveSpec(params.backup, wave),
      })),
    ];
    return {
      summary: `Restore all of ${params.backup}: ${counted(waves.flat().length, 'namespace')} in ${counted(waves.length, 'wave')}`,
      changes,
      undo: [],
      // What lives stands in the changes, and so in what is approved; once they begin, the namespaces are their own work.
      facts: { backup: backup.uid },
      notes: [
        ...waves.map((wave, index) => `Wave ${index + 1}: ${wave.join(', ')}`),
        ...(live.length === 0 ? [] : [`These live, are backed up first, and keep what exists in them, volumes too: ${live.join(', ')}`]),
        'Objects of the cluster itself (definitions, roles, classes) are not restored: they have to be there before',
      ],
    };
  },

  async facts({ params, kube }) {
    const found = await kube.find(backupRef(params.namespace, params.backup));
    return { backup: found?.metadata.uid ?? 'gone' };
  },

  async execute({ params, kube, stepKey, run, approved = [] }) {
    const { namespace } = params;
    const asked = new Map(approved.flatMap(({ object, to }) => (isObject(to) ? [[object, to] as const] : [])));
    const safety = safetyName(params.backup, stepKey);
    const safetyAsked = asked.get(objectName(backupRef(namespace, safety)));
    if (safetyAsked !== undefined) {
      const made = await madeOr(kube, {
        ref: backupRef(namespace, safety),
        stepKey,
        make: () => kube.create(backupManifest({ name: safety, namespace, recipe: { spec: safetyAsked, labels: {} }, stepKey, run })),
      });
      const backup = readBackup(made);
      if (!isTerminal(backup.phase)) return { more: LOOK_AGAIN_MS, progress: `backing up what lives: ${progressText(backup)}` };
      if (!isGood(backup.phase)) throw new SalvorError('request.invalid', `nothing is restored, because what is there is not safe: ${failureText(backup)}`);
    }
    // In the order of the plan.
    const names = [...asked.keys()].flatMap((object) => (object.startsWith('Restore/') ? [object.slice(`Restore/${namespace}/`.length)] : []));
    for (const [index, name] of names.entries()) {
      const spec = asked.get(objectName(restoreRef(namespace, name))) ?? {};
      const made = await madeOr(kube, {
        ref: restoreRef(namespace, name),
        stepKey,
        make: () => kube.create(restoreManifest({ name, namespace, spec, stepKey, run, before: '' })),
      });
      const restore = readRestore(made);
      if (!isTerminal(restore.phase)) return { more: LOOK_AGAIN_MS, progress: `wave ${index + 1} of ${names.length}: ${restoreProgress(restore)}` };
      if (!isGood(restore.phase)) throw new SalvorError('request.invalid', `wave ${index + 1} of ${names.length}: ${restoreFailureText(restore)}`);
    }
    return { namespace, restores: names };
  },

  async verify({ kube, result }) {
    const evidence: string[] = [];
    for (const name of result.restores) {
      const verdict = await proveWave(kube, result.namespace, name);
      if (!verdict.ok) return { ...verdict, reason: `${name}: ${verdict.reason}` };
      evidence.push(...verdict.evidence);
    }
    return { ok: true, evidence };
  },

  rollback: {
    impossible:
      'What a full restore brought is among what lived and what grew since: nobody can tell them apart for sure. The backup that was made first holds what was there.',
  },
});

type Looked = { readonly backup: Backup; readonly waves: readonly (readonly string[])[]; readonly live: readonly string[] };

async function look(kube: Prober, { backup: name, order, namespace }: Params): Promise<Looked> {
  const backup = readBackup(await kube.get(backupRef(namespace, name)));
  const file = await kube.download({ namespace, kind: 'BackupResourceList', name, limitBytes: MOST_BYTES });
  const contents = file === undefined || file.cut ? undefined : readContents(file.text);
  if (contents === undefined) throw new SalvorError('kube.invalid', `the list of resources of ${name} is gone or cannot be read`);
  const { waves } = wavesOf(namespacesIn(contents), readOrder(order ?? ''), namespace);
  const there = new Set((await kube.list({ apiVersion: 'v1', kind: 'Namespace' })).map(({ metadata }) => metadata.name));
  return { backup, waves, live: waves.flat().filter((one) => there.has(one)) };
}

const safetySpec = (live: readonly string[]): JsonObject => ({ includedNamespaces: live, ttl: KEPT_FOR });
const waveSpec = (backup: string, wave: readonly string[]): JsonObject => ({ backupName: backup, includedNamespaces: wave, existingResourcePolicy: 'none' });
const waveName = ({ backup }: Params, stepKey: string, index: number): string => restoreName(`${backup.slice(0, 36)}-w${index + 1}`, stepKey);

type Making = { readonly ref: ObjectRef; readonly stepKey: string; readonly make: () => Promise<KubeObject> };

/** What this step made before, or makes now. */
async function madeOr(kube: Writer, { ref, stepKey, make }: Making): Promise<KubeObject> {
  const there = await kube.find(ref);
  if (there === undefined) return make();
  if (there.metadata.annotations?.[MARK.step] === stepKey) return there;
  throw new SalvorError('kube.exists', `${ref.name} exists and was not made by this step`);
}

async function proveWave(kube: Reader, namespace: string, name: string): ReturnType<RemediationAction['verify']> {
  const found = await kube.find(restoreRef(namespace, name));
  if (found === undefined) return { ok: false, reason: 'it was deleted by somebody else' };
  const labelSelector = broughtBy(name);
  const kinds = LOOKED_AT.filter((row) => FIRST_NEEDS.some((need) => need.startsWith(`list ${row.plural}`)) && row.kind !== 'Pod');
  const lists = await Promise.all(
    kinds.map(async (row) => [kindName(row), await kube.list({ apiVersion: row.apiVersion, kind: row.kind, labelSelector })] as const),
  );
  return climb({ restore: readRestore(found), before: undefined, brought: new Map(lists), volumes: await kube.list(volumeRestoresQuery(namespace, name)) });
}
