import { readFile } from 'node:fs/promises';
import type { App, Settings } from '../app.ts';
import { checkAgainst, loadSite, readConfig, siteNames } from '../config.ts';
import { problemText } from '../model/problem.ts';
import { fingerprint as playbooksPrint } from '../playbook/load.ts';
import type { Log } from '../port/log.ts';
import type { ConnectedClusters } from './clusters.ts';

/** Reads the configuration with everything it names; problems are every one there is. */
export async function readSettings(
  file: string | undefined,
): Promise<{ readonly ok: true; readonly settings: Settings } | { readonly ok: false; readonly problems: readonly string[] }> {
  const parsed = await readConfig({ file });
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(problemText) };
  const { config, positionOf } = parsed;
  const site = await loadSite({ handlers: config.handlers, playbooks: config.playbooks, names: siteNames(config), rehearsals: false, positionOf });
  if (!site.ok) return { ok: false, problems: site.problems.map(problemText) };
  const problems = checkAgainst(parsed, { catalog: site.catalog, playbooks: site.playbooks.map(({ id }) => id) });
  const refused = problems.filter(({ warning }) => warning !== true);
  if (refused.length > 0) return { ok: false, problems: refused.map(problemText) };
  return { ok: true, settings: { config, site } };
}

type Watching = {
  readonly file: string | undefined;
  readonly app: App;
  readonly clusters: ConnectedClusters;
  readonly log: Log;
  /** The fingerprint of what is loaded; absent: what the first look finds is taken for it. */
  readonly seen?: string;
};

/**
 * Looks whether the configuration or a playbook changed, and takes the new set as a whole. A broken one is refused whole, with its problems in
 * the log, and what runs goes on with what it has. Open runs keep the text they began with, whatever is loaded.
 */
export function reloader({ file, app, clusters, log, ...loaded }: Watching): () => Promise<void> {
  let { seen } = loaded;
  return async () => {
    const print = await fingerprint(app.settings());
    if (seen !== undefined && seen !== print) await load();
    // What could not be taken because something else failed is tried again at the next look.
    seen = print;
  };

  async function load(): Promise<void> {
    const read = await readSettings(file);
    if (!read.ok) {
      for (const problem of read.problems.slice(0, 20)) log.error('reload.refused', { problem });
      return;
    }
    await clusters.use(read.settings.config.clusters);
    await app.reload(read.settings);
    log.info('reload.done', { playbooks: read.settings.site.playbooks.length, clusters: read.settings.config.clusters.length });
  }
}

/** The text of the configuration and of every playbook of the site. */
export async function fingerprint({ config }: Settings): Promise<string> {
  const text = await readFile(config.file, 'utf8').catch(() => '');
  return `${text}\n${await playbooksPrint(config.playbooks.folders)}`;
}
