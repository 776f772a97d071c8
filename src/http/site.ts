import express, { type Express, type RequestHandler, type Router } from 'express';

type Site = { readonly webhook: RequestHandler; readonly pagerduty: Router; readonly slack: Router; readonly api: Router; readonly console: Router };

/** What answers on the public port: the webhooks first, which read their own bodies, then the API, then the console. */
export function publicSite({ webhook, pagerduty, slack, api, console }: Site): Express {
  const site = express();
  site.disable('x-powered-by');
  site.set('case sensitive routing', true);
  site.set('strict routing', true);
  site.all('/api/v1/alertmanager', webhook);
  site.use(pagerduty);
  site.use(slack);
  site.use(api);
  site.use(console);
  return site;
}
