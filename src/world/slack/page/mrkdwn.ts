import type { Workspace } from '../workspace.ts';

/** A piece of mrkdwn as Slack reads it. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'block'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | { readonly kind: 'mention'; readonly text: string }
  | { readonly kind: 'break' };

const ENTITY = /&(amp|lt|gt);/g;
const decode = (text: string): string => text.replaceAll(ENTITY, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));

/** Reads mrkdwn: code blocks, code, links, mentions, quotes, bold, italic, strike. Entities are decoded once, after that. */
export function readMrkdwn(text: string, workspace: Workspace): readonly Piece[] {
  return text.split(/```/).flatMap((part, index, all): readonly Piece[] => {
    const isBlock = index % 2 === 1 && index < all.length - 1;
    if (isBlock) return [{ kind: 'block', text: decode(part.replace(/^\n|\n$/g, '')) }];
    return linesIn(index % 2 === 1 ? `\`\`\`${part}` : part, workspace);
  });
}

function linesIn(text: string, workspace: Workspace): readonly Piece[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index): readonly Piece[] => {
    const end: readonly Piece[] = index < lines.length - 1 ? [{ kind: 'break' }] : [];
    if (line.startsWith('&gt;')) return [{ kind: 'quote', pieces: inLine(line.slice(4).trimStart(), workspace) }];
    return [...inLine(line, workspace), ...end];
  });
}

const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>/g;
/** Stands for a piece that is read already while marks around it are looked for. */
const HOLE = /\uE000(\d+)\uE001/;

function inLine(line: string, workspace: Workspace): readonly Piece[] {
  const ready: Piece[] = [];
  const holed = line.replaceAll(/[\uE000\uE001]/g, '').replaceAll(TOKEN, (_, code: string | undefined, angle: string | undefined) => {
    ready.push(code === undefined ? angled(angle ?? '', workspace) : { kind: 'code', text: decode(code) });
    return `\uE000${ready.length - 1}\uE001`;
  });
  return styled(holed, ready);
}

/** What stands in angle brackets: a mention, a channel, a special word, or a link. */
function angled(text: string, workspace: Workspace): Piece {
  const bar = text.indexOf('|');
  const target = bar < 0 ? text : text.slice(0, bar);
  const label = bar < 0 ? undefined : decode(text.slice(bar + 1));
  if (target.startsWith('@')) return { kind: 'mention', text: `@${workspace.users.get(target.slice(1))?.name ?? label ?? target.slice(1)}` };
  if (target.startsWith('#')) return { kind: 'mention', text: `#${workspace.channels.get(target.slice(1))?.name ?? label ?? target.slice(1)}` };
  if (target.startsWith('!date^')) return { kind: 'text', text: label ?? target };
  if (target.startsWith('!subteam^')) {
    const group = workspace.groups.get(target.slice('!subteam^'.length));
    return { kind: 'mention', text: `@${group?.handle ?? label ?? target}` };
  }
  if (target.startsWith('!')) return { kind: 'mention', text: `@${target.slice(1)}` };
  return { kind: 'link', text: label ?? decode(target), url: decode(target) };
}

const STYLE = /(?<![\p{L}\p{N}])([*_~])(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])/u;

/** Bold, italic and strike, one in another. */
function styled(text: string, ready: readonly Piece[]): readonly Piece[] {
  const found = STYLE.exec(text);
  if (found === null) return filled(text, ready);
  const [whole, mark, inner = ''] = found;
  const kind = mark === '*' ? 'bold' : mark === '_' ? 'italic' : 'strike';
  const behind = styled(text.slice(found.index + whole.length), ready);
  return [...filled(text.slice(0, found.index), ready), { kind, pieces: styled(inner, ready) }, ...behind];
}

/** Text without marks, with the pieces that stand in it. */
function filled(text: string, ready: readonly Piece[]): readonly Piece[] {
  const found = HOLE.exec(text);
  if (found === null) return text === '' ? [] : [{ kind: 'text', text: decode(text) }];
  const [whole, index = ''] = found;
  const piece = ready[Number(index)];
  return [...filled(text.slice(0, found.index), ready), ...(piece === undefined ? [] : [piece]), ...filled(text.slice(found.index + whole.length), ready)];
}

/** The same as plain text: links as their label with the address behind it. */
export function plainOf(text: string, workspace: Workspace): string {
  return readMrkdwn(text, workspace).map(plainPiece).join('');
}

function plainPiece(piece: Piece): string {
  switch (piece.kind) {
    case 'break':
      return '\n';
    case 'quote':
      return `| ${piece.pieces.map(plainPiece).join('')}\n`;
    case 'block':
      return `\n${piece.text}\n`;
    case 'link':
      return piece.text === piece.url ? piece.url : `${piece.text} (${piece.url})`;
    case 'bold':
    case 'italic':
    case 'strike':
      return piece.pieces.map(plainPiece).join('');
    case 'text':
    case 'code':
    case 'mention':
      return piece.text;
  }
}
