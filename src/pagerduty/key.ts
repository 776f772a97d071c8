/** What is wrong with a key by its looks alone, and what to do; undefined where it may be right. The key itself is never said. */

const INTEGRATION_KEY = /^[0-9a-zA-Z]{32}$/;
/** Keys of an account have 20 characters; those of a user begin with `u+`. */
const REST_KEY = /^(u\+)?[\w-]{17,24}$/;

export function integrationKeyFault(key: string): string | undefined {
  if (INTEGRATION_KEY.test(key)) return undefined;
  if (REST_KEY.test(key))
    return 'looks like a REST API key, expected an integration key of 32 characters: take it from the service, Integrations, Events API V2';
  return `found ${key.length} characters, expected the 32 of an integration key: take it from the service, Integrations, Events API V2`;
}

export function restKeyFault(key: string): string | undefined {
  return INTEGRATION_KEY.test(key)
    ? 'looks like an integration key, expected a REST API key: Integrations, API Access Keys; this one belongs under routingKey'
    : undefined;
}
