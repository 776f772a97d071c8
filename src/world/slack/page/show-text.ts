import type { Text } from '../blocks/texts.ts';
import type { Workspace } from '../workspace.ts';
import { html, type Markup } from './html.ts';
import { type Piece, readMrkdwn } from './mrkdwn.ts';

/** The few short names that cards use; Slack knows thousands. */
const EMOJI: { readonly [name: string]: string } = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  no_entry: '⛔',
  eyes: '👀',
  memo: '📝',
  lock: '🔒',
  question: '❓',
  pushpin: '📌',
  red_circle: '🔴',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  arrow_right: '➡️',
  '+1': '👍',
};

export function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name: string) => EMOJI[name] ?? whole);
}

/** A text object as a person sees it. */
export function showText(text: Text, workspace: Workspace): Markup {
  return text.type === 'mrkdwn' ? showMrkdwn(text.text, workspace) : html`${withEmoji(text.text)}`;
}

export function showMrkdwn(text: string, workspace: Workspace): Markup {
  return html`${readMrkdwn(text, workspace).map(showPiece)}`;
}

function showPiece(piece: Piece): Markup {
  switch (piece.kind) {
    case 'text':
      return html`${withEmoji(piece.text)}`;
    case 'bold':
      return html`<strong>${piece.pieces.map(showPiece)}</strong>`;
    case 'italic':
      return html`<em>${piece.pieces.map(showPiece)}</em>`;
    case 'strike':
      return html`<s>${piece.pieces.map(showPiece)}</s>`;
    case 'code':
      return html`<code>${piece.text}</code>`;
    case 'block':
      return html`<pre>${piece.text}</pre>`;
    case 'link':
      return html`<a href="${/^(https?|mailto):/.test(piece.url) ? piece.url : '#'}" rel="noreferrer noopener">${piece.text}</a>`;
    case 'mention':
      return html`<span class="mention">${piece.text}</span>`;
    case 'quote':
      return html`<blockquote>${piece.pieces.map(showPiece)}</blockquote>`;
    case 'break':
      return html`<br>`;
  }
}
