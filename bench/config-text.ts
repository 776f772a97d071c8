import { join } from 'node:path';

/** Everything is automatic and unlimited, so that nothing but the way itself takes time; only what `BenchAsk` starts is approved by ana. */
export function configText(folder: string, store: string): string {
  const own = (name: string): string => JSON.stringify(join(import.meta.dirname, name));
  const here = (name: string): string => JSON.stringify(join(folder, name));
  return `listen: { address: 127.0.0.1, port: 0, operations: 0 }
store: ${store}
clusters:
  - { name: prod, default: true, kubeconfig: ${here('kubeconfig')} }
people: [{ name: ana, slack: U0ANA, teams: [platform], token: { file: ${here('token')} } }]
roles: { approver: [platform] }
rights: { read: [platform], run: [platform] }
approvals: { auto: [{ action: bench.touch, limit: 1000000/h }, { action: node.cordon, limit: 1000000/h }] }
playbooks: { folders: [${own('playbooks')}] }
handlers: [${own('handlers')}]
`;
}
