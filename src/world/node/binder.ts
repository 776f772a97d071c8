import type { Clock } from '../../port/clock.ts';
import { at, objectAt, patchStatus, textAt, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { CLAIM, VOLUME } from './kinds.ts';

type Place = { readonly objects: Objects; readonly clock: Clock };

const REACT_MS = 100;

/** The volume binder, as far as a claim names its volume: both are Bound once both are there and mean each other. Nothing is provisioned. */
export function volumeBinder({ objects, clock }: Place): (change: Change) => void {
  const due = agenda(clock);

  const bind = (claim: WorldObject): void => {
    const { namespace = '', name, uid } = claim.metadata;
    const volume = objects.find(VOLUME, undefined, textAt(claim, 'spec', 'volumeName'));
    if (volume === undefined || textAt(claim, 'status', 'phase') !== 'Pending') return;
    const meant = objectAt(volume, 'spec', 'claimRef');
    if (at(volume, 'spec', 'claimRef') !== undefined && (meant['namespace'] !== namespace || meant['name'] !== name)) return;
    const claimRef = { ...meant, apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
    change(objects, volume, (one) => patchStatus({ ...one, spec: { ...objectAt(one, 'spec'), claimRef } }, { phase: 'Bound' }));
    change(objects, claim, (one) =>
      patchStatus(one, { phase: 'Bound', accessModes: at(one, 'spec', 'accessModes'), capacity: at(volume, 'spec', 'capacity') }),
    );
  };

  const look = (): void => {
    for (const claim of objects.all(CLAIM)) if (textAt(claim, 'spec', 'volumeName') !== '') bind(claim);
    for (const volume of objects.all(VOLUME)) {
      if (textAt(volume, 'status', 'phase') === 'Pending') change(objects, volume, (one) => patchStatus(one, { phase: 'Available' }));
    }
  };

  return ({ type, kind, object }) => {
    if ((kind === CLAIM || kind === VOLUME) && type !== 'DELETED' && textAt(object, 'status', 'phase') === 'Pending') due.once('look', REACT_MS, look);
  };
}
