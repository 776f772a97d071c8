// Writes the generated pages of `docs/` and files of `deploy/`: run it after a playbook, an action, a setting or a rule changed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSite, NOTHING_OWN } from '../src/config.ts';
import { problemText } from '../src/model/problem.ts';
import { deployFiles } from './deploy/files.ts';
import { configurationPage, handlersPage, playbooksPage } from './docs-pages.ts';
import { withDiagram } from './state-diagram.ts';

const site = await loadSite(NOTHING_OWN);
if (!site.ok) throw new Error(`the shipped playbooks or actions have problems:\n${site.problems.map(problemText).join('\n')}`);

const docs = join(import.meta.dirname, '..', 'docs');
mkdirSync(docs, { recursive: true });
writeFileSync(join(docs, 'playbooks.md'), playbooksPage(site));
writeFileSync(join(docs, 'handlers.md'), handlersPage(site));
writeFileSync(join(docs, 'configuration.md'), configurationPage());
const architecture = join(docs, 'architecture.md');
writeFileSync(architecture, withDiagram(readFileSync(architecture, 'utf8')));
for (const [path, text] of deployFiles(site)) writeFileSync(join(docs, '..', path), text);
