import type { Command } from 'commander';
import type { AuditExportOptions } from './audit.ts';
import type { ClientOptions } from './client.ts';
import { addClientCommand, addCommand, type Frame, paged } from './frame.ts';
import type { ListOptions } from './list.ts';
import type { StoreOptions } from './store.ts';
import type { StoreMoveOptions } from './store-move.ts';

const CONFIG = ['--config <file>', 'says where the store lies, when no server runs'] as const;

/** Commands of those who keep the server. */
export function addOperateCommands(program: Command, frame: Frame): void {
  program.commandsGroup('Keep it:');
  addAccount(program, frame);
  addAudit(program, frame);
  addStore(program, frame);
}

function addAccount(program: Command, { context, end }: Frame): void {
  addClientCommand(program, {
    usage: 'ledger',
    summary: 'the account of every alert ever received',
    notes: 'Answers 1 where it does not add up.',
    examples: ['salvor ledger'],
  }).action(async (options: ClientOptions) => {
    const { ledger } = await import('./ledger.ts');
    end(await ledger(options, context));
  });

  paged(addClientCommand(program, { usage: 'quarantine', summary: 'alerts that could not be read, and why', examples: ['salvor quarantine'] })).action(
    async (options: ClientOptions & ListOptions) => {
      const { quarantine } = await import('./quarantine.ts');
      end(await quarantine(options, context));
    },
  );
}

function addAudit(program: Command, { context, end }: Frame): void {
  const audit = addCommand(program, {
    usage: 'audit',
    summary: 'the audit trail: verify it, export it',
    examples: ['salvor audit verify', 'salvor audit export --since 30d > audit.jsonl'],
  });

  addClientCommand(audit, { usage: 'verify', summary: 'whether every journal is as it was written', examples: ['salvor audit verify'] }).action(
    async (options: ClientOptions) => {
      const { auditVerify } = await import('./audit.ts');
      end(await auditVerify(options, context));
    },
  );

  addClientCommand(
    audit,
    {
      usage: 'export',
      summary: 'every journal entry, one JSON text a line',
      examples: ['salvor audit export --since 2026-11-01 > audit.jsonl', 'salvor audit export --since 7d --cluster prod'],
    },
    { json: false },
  )
    .option('--since <time>', 'only since then: 2026-11-01, 2026-11-21T12:00:00Z, or an age such as 7d')
    .option('--cluster <name>', 'only of this cluster')
    .action(async (options: AuditExportOptions) => {
      const { auditExport } = await import('./audit.ts');
      end(await auditExport(options, context));
    });
}

function addStore(program: Command, { context, end }: Frame): void {
  const store = addCommand(program, {
    usage: 'store',
    summary: 'the store: back it up, check it, move it',
    examples: ['salvor store backup /backup/salvor.db', 'salvor store check'],
  });

  addClientCommand(store, {
    usage: 'backup <file>',
    summary: 'write a consistent copy while work goes on',
    notes: 'The running server writes it, on its own disk. Where none runs, the store of the configuration is opened.',
    examples: ['salvor store backup /backup/salvor.db'],
  })
    .option(...CONFIG)
    .action(async (file: string, options: StoreOptions) => {
      const { storeBackup } = await import('./store.ts');
      end(await storeBackup({ ...options, file }, context));
    });

  addClientCommand(store, {
    usage: 'check',
    summary: 'whether the storage is sound',
    examples: ['salvor store check', 'salvor store check --config salvor.yaml'],
  })
    .option(...CONFIG)
    .action(async (options: StoreOptions) => {
      const { storeCheck } = await import('./store.ts');
      end(await storeCheck(options, context));
    });

  addClientCommand(store, {
    usage: 'move',
    summary: 'the whole store to another folder or to Redis, and back, while no server runs',
    notes: 'Open runs and waiting approvals go with it. The old store stays as it is; leases end.',
    examples: ['salvor store move --to /data/salvor', 'salvor store move --config embedded.yaml --to redis.yaml'],
  })
    .option(...CONFIG)
    .requiredOption('--to <file>', 'a configuration whose store says where to, or a folder')
    .action(async (options: StoreMoveOptions) => {
      const { storeMove } = await import('./store-move.ts');
      end(await storeMove(options, context));
    });
}
