import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config.ts';
import { problemText } from '../../../src/model/problem.ts';

const PUBLIC = 'listen: { publicUrl: "https://salvor.example.com" }\n';
const provider = (more = '', issuer = 'https://login.example.com'): string =>
  `oidc: { issuer: "${issuer}", clientId: salvor, clientSecret: { env: A }${more} }\n`;

function problemsOf(lines: string, people = '{ name: ana, oidc: ana@example.com, teams: [platform] }'): readonly string[] {
  const text = `clusters: [{ name: prod }]\npeople: [${people}]\nroles: { approver: [platform], commander: [platform], owner: [platform] }\n${lines}`;
  const parsed = parseConfig(text, { file: 'salvor.yaml' });
  return (parsed.ok ? parsed.warnings : parsed.problems).map(problemText);
}

test('an OpenID provider is taken with an address that people come back to, and with somebody whom it knows', () => {
  expect(problemsOf(PUBLIC + provider())).toEqual([]);
  expect(problemsOf(PUBLIC + provider('', 'http://127.0.0.1:5556'))).toEqual([]);
  expect(problemsOf(provider())).toEqual([expect.stringContaining('oidc: missing listen.publicUrl')]);
});

test.each([
  [
    'speaks plain HTTP from elsewhere',
    provider('', 'http://login.example.com'),
    'oidc.issuer: found "http://login.example.com", expected an address that begins with https://',
  ],
  ['is not asked who somebody is', provider(', scope: email'), 'oidc.scope: found "email", expected scopes with openid among them'],
  ['has its secret in the file', provider().replace('{ env: A }', 'hunter2'), 'oidc.clientSecret: '],
])('a provider that %s is refused', (_name, line, message) => {
  expect(problemsOf(PUBLIC + line).join('\n')).toContain(message);
  expect(problemsOf(PUBLIC + line).join('\n')).not.toContain('hunter2');
});

test('two people of one name there are refused; nobody who can log in, or no provider, is a warning', () => {
  const two = '{ name: ana, oidc: a@example.com, teams: [platform] }, { name: ben, oidc: a@example.com }';
  expect(problemsOf(PUBLIC + provider(), two)).toEqual([expect.stringContaining('people[1].oidc: the oidc name a@example.com is there twice')]);
  expect(problemsOf(PUBLIC + provider(), '{ name: ana, teams: [platform] }')).toEqual([expect.stringContaining('oidc: warning: nobody under people has oidc')]);
  expect(problemsOf('')).toEqual([expect.stringContaining('people[0].oidc: warning: there is no oidc')]);
});
