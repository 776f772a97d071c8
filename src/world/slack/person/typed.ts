import { findChannel, findUser, type Message, type Workspace } from '../workspace.ts';

/** What was typed as Slack passes it on: marks made harmless, known names of people and channels as their ids. */
export function escaped(workspace: Workspace, text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/(?<!\S)@([a-z0-9._-]+)/g, (whole, name: string) => {
      const user = findUser(workspace, name);
      return user === undefined ? whole : `<@${user.id}|${user.name}>`;
    })
    .replaceAll(/(?<!\S)#([\p{Ll}\p{N}_-]+)/gu, (whole, name: string) => {
      const channel = findChannel(workspace, name);
      return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
    });
}

/** Whether a text stands in a message, in its blocks too. */
export function contains({ text, blocks }: Message, wanted: string): boolean {
  return text.includes(wanted) || JSON.stringify(blocks).includes(JSON.stringify(wanted).slice(1, -1));
}
