import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Live } from '../../../src/cli/check.ts';
import { liveOidc } from '../../../src/cli/live-oidc.ts';
import { readConfig } from '../../../src/config.ts';
import { openForger } from '../oidc/forger.ts';
import { openTrap } from '../serve/site.ts';

async function asked(issuer: string | undefined): Promise<Live> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'secret'), 'secret-of-the-client\n');
  const provider = issuer === undefined ? '' : `oidc: { issuer: '${issuer}', clientId: salvor, clientSecret: { file: ./secret } }\n`;
  const file = join(folder, 'salvor.yaml');
  writeFileSync(
    file,
    `clusters: [{ name: prod }]
listen: { publicUrl: https://salvor.example.com }
people: [{ name: ana, oidc: ana@example.com, teams: [platform] }]
roles: { approver: [platform], commander: [platform], owner: [platform] }
ladders: { default: [{ page: first, after: 0m }] }
${provider}`,
  );
  const parsed = await readConfig({ file });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return liveOidc({ config: parsed.config, positionOf: parsed.positionOf });
}

test('a provider that answers as one is no problem, and neither is none', async () => {
  const { issuer } = await openForger(() => ({}));
  expect(await asked(issuer)).toEqual({ problems: [], unreached: [] });
  expect(await asked(undefined)).toEqual({ problems: [], unreached: [] });
});

test('one that is away was not asked; what is no provider is wrong', async () => {
  expect(await asked('http://127.0.0.1:1')).toMatchObject({
    problems: [{ field: 'oidc.issuer', code: 'live.oidc', message: expect.stringContaining('http://127.0.0.1:1 cannot be reached') }],
    unreached: ['the OpenID provider'],
  });
  const { issuer } = await openForger(() => ({}));
  // The name that a provider gives itself has to be the one in the configuration, to the letter.
  expect(await asked(issuer.replace('127.0.0.1', 'localhost'))).toMatchObject({
    problems: [{ message: expect.stringContaining('does not hold') }],
    unreached: [],
  });
  const { url } = await openTrap();
  expect(await asked(url)).toMatchObject({ problems: [{ field: 'oidc.issuer' }] });
});
