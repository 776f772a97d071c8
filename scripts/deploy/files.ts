import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Site } from '../../src/config.ts';
import { readPackage, root } from '../package-file.ts';
import { dashboard } from './dashboard.ts';
import { rightsFile } from './rights.ts';
import { valuesSchema } from './values.ts';

/** The generated files of `deploy/`, by path. The chart holds copies of the rules: a chart cannot read outside of itself. */
export function deployFiles(site: Pick<Site, 'playbooks' | 'catalog'>): ReadonlyMap<string, string> {
  const rules = globSync('deploy/rules/*.yml', { cwd: root }).filter((path) => !path.endsWith('.test.yml'));
  return new Map([
    ['deploy/chart/Chart.yaml', chartFile()],
    ['deploy/chart/values.schema.json', valuesSchema()],
    ['deploy/chart/files/rights.yaml', rightsFile(site)],
    ['deploy/chart/files/dashboard.json', dashboard()],
    ...rules.map((path) => [`deploy/chart/files/rules/${basename(path)}`, readFileSync(join(root, path), 'utf8')] as const),
  ]);
}

function chartFile(): string {
  const { version } = readPackage();
  return `# Made by scripts/generate-docs.ts; edits are lost.
apiVersion: v2
name: salvor
description: Answers the alerts of a Kubernetes cluster's disaster-recovery machinery, by plan and approval.
type: application
version: ${version}
appVersion: ${version}
kubeVersion: '>=1.28.0-0'
`;
}
