import type { Json } from '../model/json.ts';
import type { Kind } from './kinds.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** The options of a request, as they come in its query or in the options object of its body. */
export type RequestOptions = {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly force?: boolean;
  /** A field that the kind does not have refuses the request. */
  readonly strict?: boolean;
  /** No warning about fields that the kind does not have. */
  readonly quiet?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  readonly timeoutSeconds?: number;
  readonly gracePeriodSeconds?: number;
  /** What becomes of an object's dependents; absent: they go after it. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly onlyUid?: string;
  readonly onlyResourceVersion?: string;
  readonly container?: string;
  readonly previous?: boolean;
  readonly tailLines?: number;
};

/** One request to the simulated API server, whichever way it came. */
export type ApiRequest = {
  readonly verb: Verb;
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly body?: Json;
  readonly patch?: 'merge' | 'json' | 'strategic' | 'apply';
  readonly options: RequestOptions;
  readonly userAgent: string;
};
