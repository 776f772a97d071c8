import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../port/clock.ts';
import { Database } from './embedded/database.ts';
import { faultOf } from './embedded/fault.ts';
import type { FromWorker, Reply, Request, ToWorker } from './embedded/message.ts';
import type { StoreLimits } from './limits.ts';

/**
 * The worker thread of the embedded store: it owns the only connection to the file, so that the main loop never waits for a disk.
 * The call's own time comes with the call; the clock here only measures idle moments.
 */
const IDLE_MS = 100;

const { file, limits }: { readonly file: string; readonly limits: StoreLimits } = workerData;

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function start(): Database | undefined {
  try {
    return new Database({ file, limits, clock: systemClock, say: (level, name, facts) => say({ is: 'log', level, name, facts }) });
  } catch (error) {
    say({ is: 'refused', fault: faultOf(error, file) });
    return undefined;
  }
}

function serve(database: Database): void {
  let backups: Promise<unknown> = Promise.resolve();
  let cancelIdle = (): void => {};

  const idle = (): void => {
    try {
      database.idle();
    } catch (error) {
      say({ is: 'broken', fault: { ...faultOf(error, file), fatal: true } });
    }
  };

  const answer = async (request: Request): Promise<Reply> => {
    switch (request.kind) {
      case 'batch': {
        cancelIdle();
        const reply = database.run(request.calls);
        if (reply.fatal === undefined) cancelIdle = systemClock.after(IDLE_MS, idle);
        return reply;
      }
      case 'backup': {
        const made = backups.then(() => database.backup(request.file));
        backups = made.catch(() => undefined);
        return { kind: 'backup', sizeBytes: await made };
      }
      case 'check':
        return { kind: 'check', problems: database.check() };
      case 'close':
        cancelIdle();
        await backups;
        database.close();
        return { kind: 'close' };
    }
  };

  parentPort?.on('message', ({ number, request }: ToWorker) => {
    answer(request)
      .catch((error: unknown): Reply => ({ kind: 'fault', fault: faultOf(error, file) }))
      .then((reply) => {
        say({ is: 'reply', number, reply });
        if (request.kind === 'close') parentPort?.close();
      })
      .catch((error: unknown) => say({ is: 'broken', fault: faultOf(error, file) }));
  });
  say({ is: 'ready' });
}

const database = start();
if (database === undefined) parentPort?.close();
else serve(database);
