import { describe, expect, test } from 'vitest';
import { putLabels } from '../../../src/kube/prometheus/promql.ts';

describe('the place for labels in a query', () => {
  test.each([
    ['up{$labels}', { node: 'w1' }, 'up{node="w1"}'],
    ['up{job="kubelet",$labels}', { node: 'w1', zone: 'a' }, 'up{job="kubelet",node="w1",zone="a"}'],
    ['up{$labels,job="kubelet"}', { node: 'w1' }, 'up{node="w1",job="kubelet"}'],
    ['a{$labels} / b{$labels}', { x: 'y' }, 'a{x="y"} / b{x="y"}'],
    ['up{$labels}', {}, 'up{}'],
    ['up{job="kubelet",$labels}', {}, 'up{job="kubelet",}'],
    ['up{$labels, job="kubelet"}', {}, 'up{ job="kubelet"}'],
    ['up', {}, 'up'],
  ])('%s with %j is %s', (text, labels, query) => {
    expect(putLabels(text, labels)).toBe(query);
  });
});

describe('hostile values stay values', () => {
  test.each([
    ['"} or vector(1) or up{x="', String.raw`up{v="\"} or vector(1) or up{x=\""}`],
    ['back\\slash', String.raw`up{v="back\\slash"}`],
    ['two\nlines', String.raw`up{v="two\nlines"}`],
    ['$labels $& $1', 'up{v="$labels $& $1"}'],
    ['\ud800', 'up{v="\ufffd"}'],
  ])('%j is quoted', (value, query) => {
    expect(putLabels('up{$labels}', { v: value })).toBe(query);
  });
});

test.each(['a-b', '', '1a', 'x="y",z', '__name__', 'ä'])('the label name %j is refused', (name) => {
  expect(() => putLabels('up{$labels}', { [name]: 'x' })).toThrow(expect.objectContaining({ code: 'metrics.unavailable', retry: 'never' }));
});

test('labels without a place are refused: the query would ask about everything', () => {
  expect(() => putLabels('up', { node: 'w1' })).toThrow(expect.objectContaining({ code: 'metrics.unavailable', retry: 'never' }));
});
