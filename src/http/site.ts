import express, { type Express, type RequestHandler, type Router } from 'express';

type Site = { readonly webhook: RequestHandler; readonly api: Router; readonly console: Router };

/** What answers on the public port: Alertmanager's webhook first, which reads its own body, then the API, then the console. */
export function publicSite({ webhook, api, console }: Site): Express {
  const site = express();
  site.disable('x-powered-by');
  site.set('case sensitive routing', true);
  site.set('strict routing', true);
  site.all('/api/v1/alertmanager', webhook);
  site.use(api);
  site.use(console);
  return site;
}
