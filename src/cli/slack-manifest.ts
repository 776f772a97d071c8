import { stringify } from 'yaml';
import { EVENTS_PATH, manifest } from '../slack/manifest.ts';
import { type Io, printFault } from './print.ts';

export type SlackManifestOptions = { readonly mode?: 'socket' | 'http'; readonly url?: string };

/** `salvor slack-manifest`: what to paste into Slack to make the app. */
export function slackManifest({ mode = 'socket', url }: SlackManifestOptions, io: Io): number {
  if (mode === 'http' && (url === undefined || !URL.canParse(url) || new URL(url).protocol !== 'https:')) {
    printFault(
      io,
      `--mode http needs --url: the public address of Salvor, such as https://salvor.example.com; Slack posts to ${EVENTS_PATH} below it, and only by https.`,
    );
    return 2;
  }
  const next =
    mode === 'http'
      ? 'salvor.yaml:  slack: { mode: http, botToken: …, signingSecret: …, channel: "#dr" }'
      : 'Then make an app-level token with connections:write.  salvor.yaml:  slack: { mode: socket, botToken: …, appToken: …, channel: "#dr" }';
  io.stdout(
    `# Made by \`salvor slack-manifest\`. Paste it at https://api.slack.com/apps: Create New App, From a manifest; then Install to Workspace.\n# ${next}\n`,
  );
  io.stdout(stringify(manifest(mode === 'http' ? { mode, url: url ?? '' } : { mode }), { lineWidth: 160 }));
  return 0;
}
