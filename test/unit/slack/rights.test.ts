import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_KINDS } from '../../../src/model/error-kind.ts';
import { manifest } from '../../../src/slack/manifest.ts';
import { METHODS, neededScopes, scopeWhy } from '../../../src/slack/rights.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Names of methods as they stand in the code: the only texts in quotation marks with such a shape. */
function calledMethods(): readonly string[] {
  const names = new Set<string>();
  for (const file of globSync('src/slack/**/*.ts', { cwd: root })) {
    if (file.endsWith('rights.ts')) continue;
    const text = readFileSync(join(root, file), 'utf8').replaceAll(/\b(?:log\.\w+|SalvorError)\(\s*'[^']+'/g, '');
    for (const [, name] of text.matchAll(/'((?:auth|chat|conversations|users|views|usergroups|pins|reactions|bookmarks|files|team|bots)\.[a-zA-Z.]+)'/g))
      names.add(name ?? '');
  }
  return [...names].filter((name) => !(name in ERROR_KINDS)).sort();
}

describe('the rights that Slack is asked for', () => {
  test('are those of the methods that the code calls, no more and no less', () => {
    expect(calledMethods()).toEqual(Object.keys(METHODS).sort());
  });

  test('each has its reason', () => {
    for (const scope of neededScopes()) expect(scopeWhy(scope)).not.toBe('');
  });

  test('are in the manifest of both modes', () => {
    const scopes = { bot: neededScopes() };
    expect(manifest({ mode: 'socket' })).toMatchObject({
      oauth_config: { scopes },
      settings: { socket_mode_enabled: true, interactivity: { is_enabled: true } },
    });
    const http = manifest({ mode: 'http', url: 'https://salvor.example.com/' });
    expect(http).toMatchObject({
      oauth_config: { scopes },
      features: { slash_commands: [{ command: '/dr', should_escape: true, url: 'https://salvor.example.com/slack/events' }] },
      settings: {
        socket_mode_enabled: false,
        interactivity: {
          is_enabled: true,
          request_url: 'https://salvor.example.com/slack/events',
          message_menu_options_url: 'https://salvor.example.com/slack/events',
        },
      },
    });
  });

  test('an address is only in the manifest of HTTP mode', () => {
    expect(JSON.stringify(manifest({ mode: 'socket' }))).not.toContain('url');
  });
});
