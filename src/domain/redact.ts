import type { Json } from '../model/json.ts';

const HIDDEN = '***';

/**
 * Secrets by their shape. Every pattern is linear: no part can match the same text in two ways, and open-ended parts have a bound.
 * A pattern's first group is kept, so that one still sees what was hidden where.
 */
const SECRETS: readonly RegExp[] = [
  // Without its end, all that follows is taken for the key.
  /()-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g,
  /\b(xox[a-z]-|xapp-)[A-Za-z0-9-]{4,}/g,
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/)[A-Za-z0-9/_-]+/g,
  /\b(bearer\s{1,4})[A-Za-z0-9._~+/=-]{6,}/gi,
  // A digit or `=` tells credentials from "basic functions".
  /\b(basic\s{1,4})(?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/=]{6,}/gi,
  /\b()eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
  /\b(AKIA|ASIA)[A-Z0-9]{12,}/g,
  /\b(ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|sk_live_|npm_)[A-Za-z0-9_-]{10,}/g,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{0,200}:)[^\s/]{1,500}(?=@)/gi,
  // A user without a password is a token.
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/:@"'<>]{1,256}(?=@)/gi,
  /((?<![a-z0-9])(?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|awsaccesskeyid|signature|sig|token|secret)=)[^&\s"'<>]+/gi,
  // Whatever stands before them: `DB_PASSWORD`, `adminPassword`.
  /((?:access_?key|session_?token|password|passwd|client_?secret|api[_-]?key|access_?token)["']?\s{0,4}[=:]\s{0,4}["']?)[^\s"',;&}]{3,}/gi,
  // These are words of sentences, too ("invalid token: expired"): only what is long and in one piece.
  /((?<![a-z0-9])(?:secret|token)["']?\s{0,4}[=:]\s{0,4}["']?)[A-Za-z0-9._~+=]{16,}/gi,
];

/** Every secret has one of these in it. Most texts have none, and are looked at once instead of once for each pattern. */
const HINT =
  /-----BEGIN|xox|xapp-|hooks\.slack\.com|bearer|basic|eyJ|AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|sk_live_|npm_|:\/\/|credential|key|sig|token|secret|passw/i;

/** Scrubs what looks like a secret out of text for the log, the timeline, messages and errors. Applied twice it changes nothing more. */
export function redact(text: string): string {
  if (!HINT.test(text)) return text;
  return SECRETS.reduce((clean, pattern) => clean.replace(pattern, `$1${HIDDEN}`), text);
}

/** The same for every text in a value; names of fields stay. */
export function redactJson(value: Json): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Json) => redactJson(one));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, one === undefined ? undefined : redactJson(one)]));
}
