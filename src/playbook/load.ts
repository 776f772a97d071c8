import { readdir, readFile } from 'node:fs/promises';
import type { Catalog } from '../action/catalog.ts';
import { digest } from '../model/digest.ts';
import { errorText } from '../model/error.ts';
import type { Playbook } from '../model/playbook.ts';
import { type PositionOf, type Problem, problemAt, sortProblems, suggestion } from '../model/problem.ts';
import { checkPlaybook, SHIPPED_NAMES } from './check.ts';
import type { SiteNames } from './check-stages.ts';
import { checkTogether } from './check-together.ts';
import { topOf } from './document.ts';
import { parsePlaybook } from './parse.ts';
import { applySettings, type PlaybookSettings, settingsFor } from './settings.ts';

/** A folder of playbooks. Shipped ones name only what every site maps. */
export type PlaybookFolder = { readonly path: string; readonly shipped: boolean };

export type LoadOptions = {
  readonly folders: readonly PlaybookFolder[];
  /** Ids that stay away; where a shipped and a site's own playbook have one name, the shipped one. */
  readonly disable: readonly string[];
  /** Where Velero lives; absent: where the playbooks say. */
  readonly veleroNamespace?: string;
  readonly settings: { readonly [playbook: string]: PlaybookSettings };
  readonly catalog: Catalog;
  /** What a site's own playbooks may name; absent: not asked. */
  readonly names?: SiteNames;
  /** Where `playbooks.disable` and `playbooks.settings` are written. */
  readonly configured?: PositionOf;
  /** False: rehearsals are left out. */
  readonly rehearsals?: boolean;
};

/** All or nothing: with a problem that is no warning, there is no playbook, and who has a set keeps it. */
export type LoadedPlaybooks = {
  readonly ok: boolean;
  readonly playbooks: readonly Playbook[];
  /** Files that were read, those with problems too. */
  readonly count: number;
  readonly problems: readonly Problem[];
};

/** A playbook with the places of its fields. */
export type PlacedPlaybook = { readonly playbook: Playbook; readonly shipped: boolean; readonly file: string; readonly positionOf: PositionOf };

/** Reads, checks and adapts every playbook of the folders, by id. */
export async function loadPlaybooks(options: LoadOptions): Promise<LoadedPlaybooks> {
  const configured = options.configured ?? topOf('configuration');
  const problems: Problem[] = [];
  const read: PlacedPlaybook[] = [];
  let count = 0;
  for (const folder of options.folders) {
    const files = await playbookFiles(folder.path);
    problems.push(...files.problems);
    count += files.files.length;
    for (const { file, id, text } of files.files) {
      const parsed = parsePlaybook({ id, text, file, rehearsals: options.rehearsals ?? true });
      if (parsed.ok) read.push({ playbook: parsed.playbook, positionOf: parsed.positionOf, shipped: folder.shipped, file });
      else problems.push(...parsed.problems);
    }
  }
  const enabled = enable(read, options, { configured, problems });
  const placed: PlacedPlaybook[] = [];
  for (const one of enabled) {
    const { playbook } = one;
    const settings = settingsFor(playbook, options);
    const applied =
      settings === undefined
        ? { playbook, problems: [] }
        : applySettings(playbook, settings, { positionOf: configured, path: ['playbooks', 'settings', playbook.id] });
    problems.push(...applied.problems);
    const names = one.shipped ? SHIPPED_NAMES : options.names;
    problems.push(...checkPlaybook(applied.playbook, options.catalog, { positionOf: one.positionOf, ...(names === undefined ? {} : { names }) }));
    placed.push({ ...one, playbook: applied.playbook });
  }
  for (const id of Object.keys(options.settings)) {
    if (read.some(({ playbook }) => playbook.id === id)) continue;
    problems.push(
      problemAt(configured, {
        path: ['playbooks', 'settings', id],
        message: `there is no playbook ${id}.${suggestion(
          id,
          read.map(({ playbook }) => playbook.id),
        )}`,
        what: 'key',
      }),
    );
  }
  const together = checkTogether(
    placed,
    read.map(({ playbook }) => playbook.id),
  );
  problems.push(...together.problems);
  const ok = problems.every(({ warning }) => warning === true);
  const playbooks = ok ? [...together.playbooks].sort((a, b) => (a.id < b.id ? -1 : 1)) : [];
  return { ok, playbooks, count, problems: sortProblems(problems) };
}

/** Leaves out what is disabled and refuses two of one name. */
function enable(
  read: readonly PlacedPlaybook[],
  { disable }: LoadOptions,
  to: { readonly configured: PositionOf; readonly problems: Problem[] },
): readonly PlacedPlaybook[] {
  const ids = read.map(({ playbook }) => playbook.id);
  for (const [index, id] of disable.entries()) {
    if (!ids.includes(id))
      to.problems.push(problemAt(to.configured, { path: ['playbooks', 'disable', index], message: `there is no playbook ${id}.${suggestion(id, ids)}` }));
  }
  const byId = new Map<string, PlacedPlaybook>();
  for (const one of read) {
    const { id } = one.playbook;
    const shippedToo = read.some(({ playbook, shipped }) => playbook.id === id && shipped);
    if (disable.includes(id) && (one.shipped || !shippedToo)) continue;
    const other = byId.get(id);
    if (other === undefined) byId.set(id, one);
    else
      to.problems.push({
        file: one.file,
        line: 1,
        column: 1,
        field: '',
        message: `the playbook ${id} exists already, in ${other.file}: give this one another name${other.shipped ? ', or disable the shipped one' : ''}`,
      });
  }
  return [...byId.values()];
}

/** Changes whenever a playbook of the folders changes; an unreadable folder has a print of its own. */
export async function fingerprint(folders: readonly string[]): Promise<string> {
  const prints: string[] = [];
  for (const folder of folders) {
    const { files, problems } = await playbookFiles(folder);
    prints.push(folder, ...files.flatMap(({ file, text }) => [file, text]), ...problems.map(({ message }) => message));
  }
  return digest(prints);
}

type Files = { readonly files: readonly { readonly file: string; readonly id: string; readonly text: string }[]; readonly problems: readonly Problem[] };

/** The YAML files of a folder, in order. Names with a dot in front are a mounted volume's own. */
async function playbookFiles(folder: string): Promise<Files> {
  try {
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
    const files = await Promise.all(
      names.map(async (name) => {
        const file = `${folder.replace(/\/+$/, '')}/${name}`;
        return { file, id: name.replace(/\.ya?ml$/, ''), text: await readFile(file, 'utf8') };
      }),
    );
    const badNames = files.filter(({ id }) => !/^[a-z][a-z0-9-]*$/.test(id));
    return {
      files: files.filter((file) => !badNames.includes(file)),
      problems: badNames.map(({ file }) => at(file, 'the name of the file is the name of the playbook: expected lower-case letters, digits and dashes')),
    };
  } catch (error) {
    return { files: [], problems: [at(folder, `the folder of playbooks cannot be read: ${errorText(error)}`)] };
  }
}

function at(file: string, message: string): Problem {
  return { file, line: 1, column: 1, field: '', message };
}
