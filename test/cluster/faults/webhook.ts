import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { until } from '../../e2e/stage/until.ts';
import type { Cluster } from '../cluster.ts';

type Verdict = 'yes' | 'nothing' | { readonly code: number; readonly message: string };

/** A validating webhook for new ConfigMaps of the namespace `app`. */
export type Webhook = {
  /** It is asked when this resolves. */
  readonly install: () => Promise<void>;
  /** From now on; who waits for an answer hears it, too. */
  readonly say: (verdict: Verdict) => void;
  readonly close: () => Promise<void>;
};

export async function openWebhook({ dir, kubectl }: Cluster, timeoutSeconds: number): Promise<Webhook> {
  const pki = (name: string): Buffer => readFileSync(join(dir, 'pki', name));
  const waiting: { readonly uid: string; readonly response: ServerResponse }[] = [];
  let verdict: Verdict = 'yes';
  let asked = 0;
  const answer = (): void => {
    if (verdict === 'nothing') return;
    const said = verdict === 'yes' ? { allowed: true } : { allowed: false, status: verdict };
    for (const { uid, response } of waiting.splice(0))
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, ...said } }));
  };
  const server = createServer({ key: pki('server.key'), cert: pki('server.crt') }, (request, response) => {
    void (async () => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      asked += 1;
      waiting.push({ uid: /"uid":"([^"]+)"/.exec(text)?.[1] ?? '', response });
      answer();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  return {
    async install() {
      const manifest = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'guard' },
        webhooks: [
          {
            name: 'guard.example.com',
            clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: pki('ca.crt').toString('base64') },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'app' } },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            timeoutSeconds,
          },
        ],
      };
      await kubectl(['apply', '-f', '-'], JSON.stringify(manifest));
      const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe', namespace: 'app' } };
      await until('the API server asks the webhook', async () => {
        await kubectl(['create', '-f', '-', '--dry-run=server'], JSON.stringify(probe));
        return asked > 0;
      });
    },
    say(next) {
      verdict = next;
      answer();
    },
    async close() {
      await kubectl(['delete', 'validatingwebhookconfiguration', 'guard']);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
