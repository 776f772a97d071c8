import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/port/clock.ts';
import type { Ids } from '../../../src/port/ids.ts';
import { listAll } from '../../../src/port/list-all.ts';
import { silentLog } from '../../../src/port/log.ts';
import { INBOX, LEDGER, type Store } from '../../../src/port/store.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { acknowledged } from '../store/started.ts';
import type { Step } from './trace.ts';

/** What a store opened with that was on the disk when the current went off. */
export type Found = {
  readonly acknowledged: number;
  /** Writes that were asked for, and that no sync had confirmed. */
  readonly open: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** Everything else that is not as it should be. */
  readonly wrong: readonly string[];
};

const SECTOR = 512;
const ALERTS = 3;

/**
 * The disk after a power cut behind the first `upTo` steps: what was synced is there; of what was written since then each write is there, is not, or is
 * there up to some sector, as it pleases the disk.
 */
export function diskAfter(steps: readonly Step[], upTo: number, ids: Ids): { readonly files: ReadonlyMap<string, Buffer>; readonly open: number } {
  const synced = new Map<string, number>();
  const room = new Map<string, number>();
  const asked = steps.slice(0, upTo);
  for (const step of asked) {
    if (step.do === 'sync') synced.set(step.file, step.upTo);
    else if (step.do === 'write') room.set(step.file, Math.max(room.get(step.file) ?? 0, step.at + step.bytes.length));
    else if (step.do === 'cut') room.set(step.file, Math.max(room.get(step.file) ?? 0, step.length));
  }
  const files = new Map([...room].map(([file, size]) => [file, { bytes: Buffer.alloc(size), length: 0 }]));
  let open = 0;
  for (const [at, step] of asked.entries()) {
    const file = step.do === 'say' ? undefined : files.get(step.file);
    if (file === undefined || step.do === 'say' || step.do === 'sync') continue;
    if (step.do === 'remove') {
      // Only while a store is made, before anybody is told of it.
      files.delete(step.file);
      continue;
    }
    const isSafe = at < (synced.get(step.file) ?? 0);
    if (!isSafe) open += 1;
    const luck = isSafe ? 1 : ids.random();
    if (luck < 0.4) continue;
    if (step.do === 'cut') {
      file.bytes.fill(0, step.length);
      file.length = step.length;
    } else {
      const sectors = Math.ceil(step.bytes.length / SECTOR);
      const bytes = luck < 0.6 ? step.bytes.subarray(0, Math.floor(ids.random() * sectors) * SECTOR) : step.bytes;
      bytes.copy(file.bytes, step.at);
      file.length = Math.max(file.length, step.at + bytes.length);
    }
  }
  return { files: new Map([...files].map(([name, { bytes, length }]) => [name, bytes.subarray(0, length)])), open };
}

/** Opens a store with what a power cut left, and looks whether everything that was acknowledged before it is there, once. */
export async function openAfter(steps: readonly Step[], upTo: number, ids: Ids): Promise<Found> {
  const { files, open } = diskAfter(steps, upTo, ids);
  const said = steps.slice(0, upTo).flatMap((step) => (step.do === 'say' ? [step.line] : []));
  const told = acknowledged(said);
  const folder = mkdtempSync(join(tmpdir(), 'salvor-cut-'));
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  try {
    const store = await openEmbedded({ path: folder, clock: systemClock, log: silentLog });
    try {
      return { acknowledged: told.ids.length + told.lastStep, open, ...(await compare(store, told)) };
    } finally {
      await store.close();
    }
  } catch (error) {
    return { acknowledged: told.ids.length + told.lastStep, open, lost: 0, wrong: [`it does not open: ${error instanceof Error ? error.message : ''}`] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(store: Store, { ids, lastStep }: ReturnType<typeof acknowledged>): Promise<Pick<Found, 'lost' | 'wrong'>> {
  const there = new Set((await listAll(store, { partition: INBOX, kind: 'inbox' })).map(({ id }) => id));
  const run = await store.get('prod', 'prod/run');
  const entries = await store.entries({ partition: 'prod', of: 'prod/run' });
  const [accepted = 0] = await store.counts(INBOX, [LEDGER.accepted]);
  const [steps = 0] = await store.counts('prod', ['steps']);
  const { problems } = await store.check();
  const seq = run?.seq ?? 0;
  return {
    lost: ids.filter((id) => !there.has(id)).length + Math.max(0, lastStep - seq),
    wrong: [
      ...problems,
      ...(accepted === ALERTS * there.size ? [] : [`${accepted} alerts counted, ${there.size} webhooks of ${ALERTS} there`]),
      ...(steps === seq && entries.length === seq && entries.every(({ n }, at) => n === at + 1)
        ? []
        : [`${seq} steps, ${steps} counted, ${entries.length} entries`]),
    ],
  };
}
