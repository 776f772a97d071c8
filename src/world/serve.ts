import { type Clock, sleep } from '../port/clock.ts';
import type { Server } from './api/context.ts';
import { answer } from './api/server.ts';
import { type Listener, openWatch, type Watching } from './api/watch.ts';
import type { Faults } from './faults.ts';
import type { ApiRequest } from './request.ts';
import { type Answer, expired } from './status.ts';

/** What a caller gets: an answer, a connection that breaks, or nothing for as long as it waits. */
export type Served = { readonly kind: 'answer'; readonly answer: Answer } | { readonly kind: 'reset' } | { readonly kind: 'silence' };

export type ApiServer = {
  serve(request: ApiRequest): Promise<Served>;
  /** A refusal instead of a watch is answered as such; `silence` is an open watch that never speaks. */
  watch(request: ApiRequest, listener: Listener): Promise<Watching | { readonly kind: 'reset' }>;
};

/** The API server behind its fault switches. */
export function apiServer(server: Server, { clock, faults }: { readonly clock: Clock; readonly faults: Faults }): ApiServer {
  return {
    async serve(request) {
      const met = faults.meet(request);
      if (met === undefined) return { kind: 'answer', answer: answer(server, request) };
      if (met.delayMs > 0) await sleep(clock, met.delayMs);
      if (met.answer) return { kind: 'answer', answer: met.answer };
      switch (met.give) {
        case 'reset':
          return { kind: 'reset' };
        case 'hang':
          return { kind: 'silence' };
        case 'reset-after':
          answer(server, request);
          return { kind: 'reset' };
        case 'lost-reply':
          answer(server, request);
          return { kind: 'silence' };
        default:
          return { kind: 'answer', answer: answer(server, request) };
      }
    },
    async watch(request, listener) {
      const met = faults.meet(request);
      if (met && met.delayMs > 0) await sleep(clock, met.delayMs);
      if (met?.give === 'expired') {
        listener.event({
          type: 'ERROR',
          object: expired(`too old resource version: ${request.options.resourceVersion ?? '0'} (${server.objects.version()})`).body,
        });
        listener.end();
        return { kind: 'watching', stop: () => {} };
      }
      if (met?.answer) return { kind: 'refused', answer: met.answer };
      if (met?.give === 'reset') return { kind: 'reset' };
      const isSilent = met?.give === 'hang' || met?.give === 'lost-reply';
      const opened = openWatch(server, request, isSilent ? { event: () => {}, end: listener.end } : listener);
      if (opened.kind === 'refused') return opened;
      const forget = faults.watching(request, () => {
        opened.stop();
        listener.end();
      });
      return {
        kind: 'watching',
        stop() {
          forget();
          opened.stop();
        },
      };
    },
  };
}
