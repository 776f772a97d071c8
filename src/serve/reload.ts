import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { App, Settings } from '../app.ts';
import { loadSite, readConfig } from '../config.ts';
import { problemText } from '../model/problem.ts';
import type { Log } from '../port/log.ts';
import type { ConnectedClusters } from './clusters.ts';

/** Reads the configuration with everything it names; problems are every one there is. */
export async function readSettings(
  file: string | undefined,
): Promise<{ readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] }> {
  const parsed = await readConfig({ file });
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(problemText) };
  const { config, positionOf } = parsed;
  const site = await loadSite({ handlers: config.handlers, playbooks: config.playbooks, positionOf });
  if (!site.ok) return { ok: false, problems: site.problems.map(problemText) };
  return { ok: true, settings: { config, site } };
}

type Watching = { readonly file: string | undefined; readonly app: App; readonly clusters: ConnectedClusters; readonly log: Log };

/**
 * Looks whether the configuration or a playbook changed, and takes the new set as a whole. A broken one is refused whole, with its problems in
 * the log, and what runs goes on with what it has. Open runs keep the text they began with, whatever is loaded.
 */
export function reloader({ file, app, clusters, log }: Watching): () => Promise<void> {
  let seen: string | undefined;
  return async () => {
    const print = await fingerprint(app.settings());
    const before = seen;
    seen = print;
    if (before === undefined || before === print) return;
    const read = await readSettings(file);
    if (!read.ok) {
      for (const problem of read.problems.slice(0, 20)) log.error('reload.refused', { problem });
      return;
    }
    await clusters.use(read.settings.config.clusters);
    await app.reload(read.settings);
    log.info('reload.done', { playbooks: read.settings.site.playbooks.length, clusters: read.settings.config.clusters.length });
  };
}

/** Sizes and times of the configuration and of every playbook file. */
async function fingerprint({ config }: Settings): Promise<string> {
  const files = [config.file];
  for (const folder of config.playbooks.folders) {
    const names = await readdir(folder).catch(() => []);
    files.push(...names.sort().map((name) => join(folder, name)));
  }
  const prints = await Promise.all(
    files.map(async (one) =>
      stat(one).then(
        ({ mtimeMs, size, ino }) => `${one} ${mtimeMs} ${size} ${ino}`,
        () => `${one} absent`,
      ),
    ),
  );
  return prints.join('\n');
}
