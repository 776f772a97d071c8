import { cut } from '../../../model/cut.ts';
import { SalvorError } from '../../../model/error.ts';
import { redact } from '../../redact.ts';
import { readResults } from '../results.ts';
import type { Restore } from './restore.ts';
import type { Sees } from './sight.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_LINES = 8;
const LINE_LENGTH = 300;

/** The first of what Velero wrote about a restore that did not end well: its errors, then its warnings. Empty where nothing can be read. */
export async function failureLines(kube: Pick<Sees, 'download'>, { namespace, name }: Restore): Promise<readonly string[]> {
  try {
    const file = await kube.download({ namespace, kind: 'RestoreResults', name, limitBytes: MOST_BYTES });
    const { errors = [], warnings = [] } = (file && readResults(file.text)) ?? {};
    const said = [...errors, ...warnings.map((line) => `warning: ${line}`)];
    return [...new Set(said.map((line) => cut(redact(line), LINE_LENGTH)))].slice(0, MOST_LINES);
  } catch (error) {
    if (error instanceof SalvorError) return [`warning: what Velero wrote about it cannot be read: ${cut(redact(error.message), LINE_LENGTH)}`];
    throw error;
  }
}
