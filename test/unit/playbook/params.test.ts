import { describe, expect, test } from 'vitest';
import { Param } from '../../../src/model/playbook.ts';
import { paramsJsonSchema, parseParam } from '../../../src/playbook/params.ts';

const param = (fields: object): Param => Param.parse(fields);

describe('parseParam', () => {
  test.each([
    [{ type: 'number' }, '12', 12],
    [{ type: 'number' }, 1.5, 1.5],
    [{ type: 'yes-no' }, 'no', false],
    [{ type: 'yes-no' }, true, true],
    [{ type: 'duration' }, '1h30m', '1h30m'],
    [{ type: 'choice', choose: ['a', 'b'] }, 'b', 'b'],
    [{ type: 'text' }, 'any thing; $(at) all', 'any thing; $(at) all'],
    [{ type: 'node' }, 'w1.example.com', 'w1.example.com'],
    [{ type: 'pod' }, 'shop/api-0', 'shop/api-0'],
    [{ type: 'volume' }, 'shop/data-0', 'shop/data-0'],
    [{ type: 'schedule' }, 'velero/daily', 'velero/daily'],
    [{ type: 'number', choose: ['1', '2'] }, '2', 2],
  ])('reads %j from %j', (fields, given, value) => {
    expect(parseParam(param(fields), given)).toEqual({ ok: true, value });
  });

  test.each([
    [{ type: 'number' }, 'twelve', 'expected a number'],
    [{ type: 'number' }, '', 'expected a number'],
    [{ type: 'yes-no' }, 'maybe', 'expected yes or no'],
    [{ type: 'duration' }, '5 minutes', 'expected a duration'],
    [{ type: 'choice', choose: ['daily', 'hourly'] }, 'dayly', 'expected one of daily, hourly. Did you mean daily?'],
    [{ type: 'text' }, 'x'.repeat(1001), 'expected text of at most 1000 characters'],
    [{ type: 'pod' }, 'api-0', 'expected a pod as namespace/name'],
    [{ type: 'volume' }, 'data-0', 'expected a volume claim as namespace/name'],
    [{ type: 'node' }, 'a/b', 'expected the name of a node'],
    [{ type: 'number', choose: ['1', '2'] }, 3, 'expected one of 1, 2'],
    [{ type: 'node' }, '../../etc', 'expected the name of a node'],
    [{ type: 'namespace' }, 'a b', 'expected the name of a namespace'],
    [{ type: 'storage-location' }, 7, 'expected the name of a storage location'],
  ])('refuses %j as %j', (fields, given, reason) => {
    const parsed = parseParam(param(fields), given);
    expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });
});

test('the JSON schema of parameters asks for what nobody else gives', () => {
  const params = {
    node: param({ type: 'node', summary: 'Which node' }),
    keep: param({ type: 'number', default: 3 }),
    mode: param({ type: 'choice', choose: ['a', 'b'], from: 'found.mode' }),
  };
  expect(JSON.parse(JSON.stringify(paramsJsonSchema({ params })))).toEqual({
    type: 'object',
    properties: {
      node: { type: 'string', format: 'node', description: 'Which node' },
      keep: { type: 'number', format: 'number', default: 3 },
      mode: { type: 'string', format: 'choice', enum: ['a', 'b'] },
    },
    required: ['node'],
    additionalProperties: false,
  });
});
