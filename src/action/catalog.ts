import { readdir } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { errorText, SalvorError } from '../model/error.ts';
import { nearest, type Problem, problemText } from '../model/problem.ts';
import type { Action } from './contract.ts';
import { isActionLike, shapeFaults } from './shape.ts';

/** Every action that playbooks may use, by its id. */
export interface Catalog {
  get(id: string): Action | undefined;
  /** By id. */
  all(): readonly Action[];
  /** The id that was probably meant. */
  nearest(id: string): string | undefined;
}

export type ReadCatalog = { readonly catalog: Catalog; readonly problems: readonly Problem[] };

/** The catalog of the folders; throws `config.invalid` with every problem, one a line. */
export async function loadCatalog(options: { readonly folders: readonly string[] }): Promise<Catalog> {
  const { catalog, problems } = await readCatalog(options);
  if (problems.length > 0) throw new SalvorError('config.invalid', problems.map(problemText).join('\n'));
  return catalog;
}

/** The same, for those who show the problems: what could be loaded, and what could not. */
export async function readCatalog({ folders }: { readonly folders: readonly string[] }): Promise<ReadCatalog> {
  teachNode();
  const actions = new Map<string, { readonly action: Action; readonly file: string }>();
  const problems: Problem[] = [];
  for (const folder of folders) {
    const names = await fileNames(folder);
    if (typeof names === 'string') problems.push(problem(folder, names));
    else
      for (const name of names) {
        const file = `${folder.replace(/\/+$/, '')}/${name}`;
        const loaded = await loadFile(file);
        if ('faults' in loaded) problems.push(...loaded.faults.map((message) => problem(file, message)));
        else {
          const other = actions.get(loaded.action.id);
          if (other === undefined) actions.set(loaded.action.id, { action: loaded.action, file });
          else problems.push(problem(file, `the action ${loaded.action.id} exists already, in ${other.file}`));
        }
      }
  }
  return { catalog: makeCatalog([...actions.values()].map(({ action }) => action)), problems };
}

/** A catalog of actions in hand. */
export function makeCatalog(actions: readonly Action[]): Catalog {
  const byId = new Map(actions.map((action) => [action.id, action]));
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { get: (id) => byId.get(id), all: () => sorted, nearest: (id) => nearest(id, [...byId.keys()]) };
}

function problem(file: string, message: string): Problem {
  return { file, line: 1, column: 1, field: '', message };
}

/** Handlers of a folder, in order; what begins with a dot is a mounted volume's own. A sentence where it cannot be read. */
async function fileNames(folder: string): Promise<readonly string[] | string> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => /^[^.].*\.(ts|js)$/.test(name) && !name.endsWith('.d.ts')).sort();
  } catch (error) {
    return `the folder of handlers cannot be read: ${errorText(error)}`;
  }
}

async function loadFile(file: string): Promise<{ readonly action: Action } | { readonly faults: readonly string[] }> {
  let exported: readonly unknown[];
  try {
    const loaded: unknown = await import(fileUrl(file));
    exported = Object.values(Object(loaded));
  } catch (error) {
    return { faults: [`the file cannot be loaded: ${errorText(error)}`] };
  }
  const found = exported.filter(isActionLike);
  const [action] = found;
  if (action === undefined || found.length > 1) return { faults: [`found ${found.length} exported actions, expected one`] };
  const faults = shapeFaults(action);
  if (faults.length > 0) return { faults };
  const name = file.replace(/^.*\//, '').replace(/\.(ts|js)$/, '');
  const expected = action.id.replaceAll('.', '-');
  return name === expected ? { action } : { faults: [`found the action ${action.id}, expected it in a file named ${expected}.ts`] };
}

/** An absolute path as an address; a relative one is taken from the working folder. */
function fileUrl(file: string): string {
  const absolute = file.startsWith('/') ? file : `${process.cwd()}/${file}`;
  return new URL(`file://${absolute.split('/').map(encodeURIComponent).join('/')}`).href;
}

let taught = false;

/** Lets a site's handler import `salvor/action` wherever its file lies: it is always this program's own contract. */
function teachNode(): void {
  if (taught) return;
  taught = true;
  const contract = new URL(import.meta.url.endsWith('.ts') ? './contract.ts' : './contract.js', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) => (specifier === 'salvor/action' ? { url: contract, shortCircuit: true } : next(specifier, context)),
  });
}
