/** Slack shows an error to whoever got no sign within 3 s; the network has its part of that. */
export const SIGN_MS = 2000;
