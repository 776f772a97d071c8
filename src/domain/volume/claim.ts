import { z } from 'zod';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { object, text } from '../lenient.ts';
import { parseQuantity } from '../quantity.ts';
import type { ClaimDraft } from './swap-marks.ts';

/** A PersistentVolumeClaim, or a PersistentVolume, as far as a swap of volumes asks about it. */
export type Claim = { readonly name: string; readonly uid: string; readonly volume: string; readonly isBound: boolean; readonly bytes: number };
export type Disk = { readonly name: string; readonly uid: string; readonly policy: string; readonly bytes: number; readonly claimRef: JsonObject };

const Sized = z.looseObject({ storage: text }).nullish().catch(undefined);
const ClaimParts = z.looseObject({
  spec: z
    .looseObject({ volumeName: text, resources: z.looseObject({ requests: Sized }).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
  status: z.looseObject({ phase: text }).nullish().catch(undefined),
});
const DiskParts = z.looseObject({
  spec: z.looseObject({ persistentVolumeReclaimPolicy: text, capacity: Sized, claimRef: object }).optional().catch(undefined),
});

const bytesOf = (quantity: string | undefined): number => (quantity === undefined ? 0 : (parseQuantity(quantity) ?? 0));

export function readClaim(found: KubeObject): Claim {
  const { spec, status } = ClaimParts.parse(found);
  const { name, uid = '' } = found.metadata;
  const bytes = bytesOf(spec?.resources?.requests?.storage);
  return { name, uid, volume: spec?.volumeName ?? '', isBound: status?.phase === 'Bound', bytes };
}

export function readDisk(found: KubeObject): Disk {
  const { spec } = DiskParts.parse(found);
  const { name, uid = '' } = found.metadata;
  // A volume that somebody made by hand, without a policy, is kept.
  const policy = spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  return { name, uid, policy, bytes: bytesOf(spec?.capacity?.storage), claimRef: spec?.claimRef ?? {} };
}

/** Written by the binder and the provisioner about the volume that a claim had. */
const OF_BINDING = /^(?:pv\.kubernetes\.io|volume\.kubernetes\.io|volume\.beta\.kubernetes\.io|salvor\.io)\/|^kubectl\.kubernetes\.io\/last-applied/;

/** The claim as it can be made again on another volume: from nothing, so that nothing is provisioned or copied for it. */
export function draftOf(found: KubeObject): ClaimDraft {
  const { labels = {}, annotations = {} } = found.metadata;
  const spec = Spec.parse(found['spec']);
  const { volumeName: _volume, dataSource: _source, dataSourceRef: _ref, ...rest } = spec;
  return { labels, annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => !OF_BINDING.test(name))), spec: rest };
}
const Spec = z.record(z.string(), z.json()).catch({});
