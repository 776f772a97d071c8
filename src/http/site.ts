import express, { type Express, type RequestHandler, type Router } from 'express';

/** What answers on the public port: Alertmanager's webhook first, which reads its own body, then the API. */
export function publicSite({ webhook, api }: { readonly webhook: RequestHandler; readonly api: Router }): Express {
  const site = express();
  site.disable('x-powered-by');
  site.set('case sensitive routing', true);
  site.set('strict routing', true);
  site.all('/api/v1/alertmanager', webhook);
  site.use(api);
  return site;
}
