import { fileURLToPath } from 'node:url';
import { type Catalog, readCatalog } from '../action/catalog.ts';
import type { Playbook } from '../model/playbook.ts';
import type { PositionOf, Problem } from '../model/problem.ts';
import type { SiteNames } from '../playbook/check-stages.ts';
import { loadPlaybooks, type PlaybookFolder } from '../playbook/load.ts';
import type { PlaybookSettings } from '../playbook/settings.ts';

/** Folders of what comes with Salvor, in a checkout and in the installed package alike. */
export const SHIPPED = {
  handlers: fileURLToPath(new URL('../../handlers', import.meta.url)),
  playbooks: fileURLToPath(new URL('../../playbooks', import.meta.url)),
} as const;

export type SiteOptions = {
  readonly handlers: readonly string[];
  readonly playbooks: {
    readonly folders: readonly string[];
    readonly disable: readonly string[];
    readonly veleroNamespace?: string;
    readonly settings: { readonly [id: string]: PlaybookSettings };
  };
  /** What the site's own playbooks may name; absent: not asked. */
  readonly names?: SiteNames;
  readonly positionOf?: PositionOf;
  /** False: rehearsals are left out. */
  readonly rehearsals?: boolean;
};

export type Site = {
  readonly ok: boolean;
  readonly catalog: Catalog;
  readonly playbooks: readonly Playbook[];
  /** How many playbooks were read, those with problems too. */
  readonly count: number;
  readonly problems: readonly Problem[];
};

export const NOTHING_OWN: SiteOptions = { handlers: [], playbooks: { folders: [], disable: [], settings: {} } };

/** Every action and playbook: what is shipped, and what the site adds. */
export async function loadSite({ handlers, playbooks, names, positionOf, rehearsals = true }: SiteOptions): Promise<Site> {
  const { catalog, problems } = await readCatalog({ folders: [SHIPPED.handlers, ...handlers] });
  const folders: readonly PlaybookFolder[] = [{ path: SHIPPED.playbooks, shipped: true }, ...playbooks.folders.map((path) => ({ path, shipped: false }))];
  const { folders: _own, ...adapted } = playbooks;
  const loaded = await loadPlaybooks({
    folders,
    ...adapted,
    catalog,
    rehearsals,
    ...(names === undefined ? {} : { names }),
    ...(positionOf === undefined ? {} : { configured: positionOf }),
  });
  const ok = loaded.ok && problems.length === 0;
  return { ok, catalog, playbooks: ok ? loaded.playbooks : [], count: loaded.count, problems: [...problems, ...loaded.problems] };
}
