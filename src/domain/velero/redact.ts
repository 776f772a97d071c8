/**
 * Takes out of foreign text what lets its reader in: queries of URLs (a presigned URL is a password for as long as it lasts), user and password in
 * a URL, tokens and keys. Every pattern begins with fixed text and goes on with one bounded class, so the time grows with the text and no more.
 */
const SECRETS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/(https?:\/\/[^\s"'<>?]{1,2048})\?[^\s"'<>\\]*/g, '$1?…'],
  [/:\/\/[^\s/"'@]{1,256}@/g, '://…@'],
  [/\bX-Amz-[A-Za-z-]{1,40}=[^\s"'&]{1,4096}/g, 'X-Amz-…'],
  [/\bbearer\s+[\w.~+/=-]{1,4096}/gi, 'Bearer …'],
  [/\beyJ[\w-]{8,4096}\.[\w-]{1,4096}\.[\w-]{0,4096}/g, '…'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '…'],
  [
    /\b(password|passwd|secret|token|secret_access_key|aws_secret_access_key|access_key|api[_-]?key)(["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&]{1,4096}/gi,
    '$1$2…',
  ],
];

export function redact(content: string): string {
  return SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), content);
}

/** Cuts a text for people, and says so by an ellipsis. */
export function cut(content: string, length: number): string {
  return content.length <= length ? content : `${content.slice(0, length - 1).trimEnd()}…`;
}
