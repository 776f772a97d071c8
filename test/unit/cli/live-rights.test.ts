import { expect, test } from 'vitest';
import { rightsFindings } from '../../../src/cli/live-rights.ts';
import type { Needed } from '../../../src/playbook/permissions.ts';

const lacking = (count: number): readonly Needed[] =>
  Array.from({ length: count }, (_, at) => ({ permission: { verb: 'list', group: '', resource: `kind-${at}` }, by: ['some.action'], watch: false }));

test('each right that is missing is a line of its own', () => {
  expect(rightsFindings('prod', lacking(2)).map(({ message }) => message)).toEqual([
    'prod does not let us list kind-0, which some.action needs; salvor rbac | kubectl apply -f - gives the right',
    'prod does not let us list kind-1, which some.action needs; salvor rbac | kubectl apply -f - gives the right',
  ]);
});

test('where nobody gave them at all, that is one line, with what gives and binds them', () => {
  expect(
    rightsFindings('prod', [...lacking(88), { permission: { verb: 'get', group: '', resource: 'extra' }, by: ['more'], watch: false, optional: true }]),
  ).toEqual([
    {
      code: 'live.permission',
      message:
        'prod lacks 88 rights for us: list kind-0, list kind-1, list kind-2 and 85 more; salvor rbac --service-account NAMESPACE/NAME | kubectl apply -f - makes the role and binds it to the account of the kubeconfig',
    },
  ]);
});
