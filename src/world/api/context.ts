import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { WriteRecord } from '../record.ts';
import type { Rule } from '../rights.ts';

/** What a pod's container wrote; undefined where its node does not answer. */
export type PodLog = (pod: WorldObject, query: { readonly container: string; readonly previous: boolean }) => readonly string[] | undefined;

/** What the API server works on. */
export type Server = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly objects: Objects;
  readonly record: WriteRecord;
  /** What the caller may do; undefined: everything. */
  readonly rules: () => readonly Rule[] | undefined;
  readonly log: PodLog;
  /** How a reader sees an object: some fields are as of now, without a write for each moment. */
  readonly view: (object: WorldObject) => WorldObject;
};
