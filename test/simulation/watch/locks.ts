import { lockId } from '../../../src/model/identity.ts';
import { keyOf, type OracleState } from '../../../src/store/oracle/state.ts';

/** The run that holds this lock, as the store has it. */
export function holderOf(state: OracleState, cluster: string, key: string): string | undefined {
  const lock = state.records.get(keyOf(cluster, lockId(key)));
  const holder: unknown = lock === undefined ? undefined : Reflect.get(JSON.parse(lock.value), 'run');
  return typeof holder === 'string' ? holder : undefined;
}
