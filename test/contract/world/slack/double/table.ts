import type { Json } from '../../../../../src/model/json.ts';
import type { Case } from './case.ts';

/** Methods that the independent double does not have, so nothing can be compared; each is tried alone. */
export const ALONE: { readonly [method: string]: string } = {
  'apps.connections.open': 'it has no Socket Mode: `test/contract/world/slack/socket-mode.test.ts`',
  'api.test': 'it does not have it: `test/contract/world/slack/methods.test.ts`',
};

/** What Slack sends when people do something. The independent double sends the app nothing of it, so each is held to the SDK and its types alone. */
const SENT: readonly (readonly [payload: string, where: string])[] = [
  ['slash commands', 'bolt-http'],
  ['`block_actions`, `view_submission`, `view_closed`, `block_suggestion`', 'people'],
  ['`message_action`', 'people'],
  ['`app_home_opened`, `app_mention`', 'people'],
];

/** The table of `docs/fidelity.md`: each case in which the two answer differently. */
export function differences(cases: readonly Case[]): string {
  const rows = cases.flatMap(({ method, when, ours, theirs, why }) =>
    theirs === undefined ? [] : [`| \`${method}\` | ${when} | ${cell(ours)} | ${cell(theirs)} | ${why ?? ''} |`],
  );
  const alone = Object.entries(ALONE).map(([method, why]) => `| \`${method}\` | any | has it | - | ${why} |`);
  const sent = SENT.map(([payload, where]) => `| ${payload} | any | sent | - | it sends nothing of this: \`test/contract/world/slack/${where}.test.ts\` |`);
  return ['| method | case | ours | emulate | why |', '| --- | --- | --- | --- | --- |', ...rows, ...alone, ...sent].join('\n');
}

function cell(value: Json): string {
  return typeof value === 'string' ? `\`${value}\`` : `\`${JSON.stringify(value)}\``;
}
