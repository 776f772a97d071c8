import { z } from 'zod';
import type { Rest } from './rest.ts';

const Subscription = z.looseObject({
  active: z.boolean().default(true),
  delivery_method: z.looseObject({ url: z.string().nullish(), temporarily_disabled: z.boolean().nullish() }),
});

/** How webhooks to this address stand. Throws as `Rest` does, also where the key may not look. */
export async function subscriptionTo(rest: Rest, url: string): Promise<'there' | 'off' | 'none'> {
  const all = await rest.all('/webhook_subscriptions', { name: 'webhook_subscriptions', shape: Subscription });
  const own = all.filter(({ delivery_method: method }) => method.url === url);
  if (own.length === 0) return 'none';
  return own.some(({ active, delivery_method: method }) => active && method.temporarily_disabled !== true) ? 'there' : 'off';
}
