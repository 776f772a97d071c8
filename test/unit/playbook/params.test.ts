import { describe, expect, test } from 'vitest';
import { Param } from '../../../src/model/playbook.ts';
import { fillParams, paramsJsonSchema, parseParam } from '../../../src/playbook/params.ts';

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
    [{ type: 'volume' }, 'shop/data-0', 'shop/data-0'],
  ])('reads %j from %j', (fields, given, value) => {
    expect(parseParam(param(fields), given)).toEqual({ ok: true, value });
  });

  test.each([
    [{ type: 'number' }, 'twelve', 'expected a number'],
    [{ type: 'number' }, '', 'expected a number'],
    [{ type: 'yes-no' }, 'maybe', 'expected yes or no'],
    [{ type: 'duration' }, '5 minutes', 'expected a duration'],
    [{ type: 'choice', choose: ['daily', 'hourly'] }, 'dayly', 'expected one of daily, hourly. Did you mean daily?'],
    [{ type: 'text' }, '', 'expected text of 1 to 4000 characters'],
    [{ type: 'node' }, '../../etc', 'expected the name of a node'],
    [{ type: 'namespace' }, 'a b', 'expected the name of a namespace'],
    [{ type: 'storage-location' }, 7, 'expected the name of a storage location'],
  ])('refuses %j as %j', (fields, given, reason) => {
    const parsed = parseParam(param(fields), given);
    expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });
});

describe('fillParams', () => {
  const params = {
    node: param({ type: 'node', from: 'alert.labels.node' }),
    keep: param({ type: 'number', default: 3 }),
    why: param({ type: 'text', optional: true }),
  };
  const scope = { labels: [['node', 'w1']] as const, found: {}, run: { id: 'run/1', cluster: 'prod' } };

  test('takes what was given, else what from finds, else the default, else nothing', () => {
    expect(fillParams({ params }, {}, scope)).toEqual({ ok: true, params: { node: 'w1', keep: 3 } });
    expect(fillParams({ params }, { node: 'w2', keep: '5', why: 'x' }, scope)).toEqual({ ok: true, params: { node: 'w2', keep: 5, why: 'x' } });
  });

  test('says what is missing, unknown or of another type', () => {
    expect(fillParams({ params }, { kep: 1 }, { ...scope, labels: [] })).toEqual({
      ok: false,
      problems: [
        { param: 'kep', reason: 'unknown parameter. Did you mean keep?' },
        { param: 'node', reason: 'missing, expected node (or alert.labels.node)' },
      ],
    });
  });

  test('never takes an inherited field for a value', () => {
    const odd = { constructor: param({ type: 'text', optional: true }) };
    expect(fillParams({ params: odd }, {}, scope)).toEqual({ ok: true, params: {} });
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
