import { z } from 'zod';
import { parseJson } from '../../model/json.ts';
import { texts } from '../lenient.ts';

/** What Velero found wrong in a backup or restore, as lines; those about a namespace begin with its name. */
export type Results = { readonly errors: readonly string[]; readonly warnings: readonly string[] };

const Side = z
  .looseObject({ velero: texts, cluster: texts, namespaces: z.record(z.string(), texts).nullish().catch(undefined) })
  .nullish()
  .catch(undefined);
const File = z.looseObject({ errors: Side, warnings: Side });

/** Reads a BackupResults or RestoreResults file. Undefined where it is no JSON: cut, or not a results file. */
export function readResults(content: string): Results | undefined {
  const parsed = File.safeParse(parseJson(content));
  return parsed.success ? { errors: lines(parsed.data.errors), warnings: lines(parsed.data.warnings) } : undefined;
}

function lines(side: z.output<typeof Side>): readonly string[] {
  const ofNamespaces = Object.entries(side?.namespaces ?? {}).flatMap(([namespace, found]) => (found ?? []).map((line) => `${namespace}: ${line.trim()}`));
  return [...(side?.velero ?? []), ...(side?.cluster ?? [])].map((line) => line.trim()).concat(ofNamespaces);
}
