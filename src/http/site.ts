import type { RequestListener } from 'node:http';
import express, { type Router } from 'express';

const WEBHOOK = '/api/v1/alertmanager';

type Site = {
  readonly webhook: RequestListener;
  readonly pagerduty: Router;
  readonly slack: Router;
  readonly api: Router;
  readonly console: Router;
};

/**
 * What answers on the public port: webhooks that read their own bodies, then the API, then the console. Alertmanager's does not go through Express: in a
 * storm it is nearly all that comes.
 */
export function publicSite({ webhook, pagerduty, slack, api, console }: Site): RequestListener {
  const site = express();
  site.disable('x-powered-by');
  site.set('case sensitive routing', true);
  site.set('strict routing', true);
  site.use(pagerduty);
  site.use(slack);
  site.use(api);
  site.use(console);
  return (request, response) => (pathOf(request.url) === WEBHOOK ? webhook(request, response) : site(request, response));
}

function pathOf(url = ''): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
