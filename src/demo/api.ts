import type { z } from 'zod';
import { IncidentPage, IncidentView } from '../port/view/incident.ts';
import { Pressed, RunPage, RunView } from '../port/view/run.ts';
import { alertBody } from '../rehearse/alert-body.ts';
import type { DemoStage } from './stage.ts';

/** The demo talks to Salvor as everybody does: over its HTTP API. */
export function demoApi({ url, token }: Pick<DemoStage, 'url' | 'token'>) {
  const ask = async <T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return schema.parse(await response.json());
  };
  return {
    /** Posts the alert as Alertmanager does, and answers what it is answered. */
    async alert(status: 'firing' | 'resolved', startsAtMs: number, nowMs: number): Promise<string> {
      const labels = { alertname: 'VeleroBackupFailed', cluster: 'prod', schedule: 'daily', severity: 'critical' };
      const body = alertBody({ labels, status, startsAtMs, nowMs, summary: 'The last backup of daily failed' });
      const response = await fetch(`${url}/api/v1/alertmanager`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      return `${response.status} ${(await response.text()).trim()}`;
    },
    async incident(): Promise<IncidentView | undefined> {
      const [first] = (await ask('/api/v1/incidents', IncidentPage)).items;
      return first === undefined ? undefined : ask(`/api/v1/incidents/${encodeURIComponent(first.id)}`, IncidentView);
    },
    async run(): Promise<RunView | undefined> {
      const [first] = (await ask('/api/v1/runs', RunPage)).items;
      return first === undefined ? undefined : ask(`/api/v1/runs/${encodeURIComponent(first.id)}`, RunView);
    },
    approve: (run: string, plan: string): Promise<Pressed> => ask(`/api/v1/runs/${encodeURIComponent(run)}/approve`, Pressed, { plan }),
    async report(incident: string, format: 'html' | 'json' | 'md'): Promise<string> {
      const response = await fetch(`${url}/api/v1/incidents/${encodeURIComponent(incident)}/report?format=${format}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return response.text();
    },
  };
}
export type DemoApi = ReturnType<typeof demoApi>;
