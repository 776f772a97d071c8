import { describe, expect, test } from 'vitest';
import { alertProblem, bindingProblem, checkBody, clusterLabel } from '../../../../src/domain/alertmanager/body.ts';
import { allPairs, boundPairs, cutText } from '../../../../src/domain/alertmanager/pairs.ts';
import { readTime } from '../../../../src/domain/alertmanager/time.ts';
import { label } from '../../../../src/model/label.ts';

const reasonOf = (value: unknown): string => {
  const checked = checkBody(value);
  return checked.ok ? 'no problem' : checked.reason;
};

describe('the envelope', () => {
  test('is taken with fields that nobody knows yet', () => {
    const checked = checkBody({ version: '4', alerts: [{}], routeLabels: { a: 'b' }, notification_reason: 'new', truncatedAlerts: 2 });
    expect(checked).toMatchObject({ ok: true, body: { truncatedAlerts: 2, groupKey: '', receiver: '' } });
  });

  test.each([
    [null, 'found null, expected the object'],
    [[], 'found a list, expected the object'],
    ['text', 'found text'],
    [{}, 'a custom `payload:` of the webhook receiver is not understood'],
    [{ text: 'KubeNodeNotReady' }, 'a custom `payload:`'],
    [{ alerts: [] }, 'found no version, expected version "4"'],
    [{ version: '5', alerts: [] }, 'found version "5", expected "4"'],
    [{ version: 4, alerts: [] }, 'found version 4, expected "4"'],
    [{ version: '4' }, 'alerts: found nothing, expected a list'],
    [{ version: '4', alerts: {} }, 'alerts: found an object, expected a list'],
  ])('%j is refused with a hint', (value, words) => {
    expect(reasonOf(value)).toContain(words);
  });

  test('with more alerts than one body may hold is refused with the setting that helps', () => {
    const checked = checkBody({ version: '4', alerts: Array.from({ length: 20_001 }, () => ({})) });
    expect(checked).toMatchObject({ ok: false, tooMany: true, reason: expect.stringContaining('max_alerts: 500') });
  });
});

describe('the cheap look at one alert', () => {
  test.each([
    [null, 'the alert is null'],
    ['x', 'the alert is text'],
    [{ status: 'maybe', labels: { a: 'b' } }, 'status: found "maybe", expected firing or resolved'],
    [{ status: 'firing' }, 'labels: found nothing'],
    [{ status: 'firing', labels: {} }, 'labels: found none'],
    [{ status: 'firing', labels: { a: 1 } }, 'label "a": found a number, expected text'],
    [{ status: 'firing', labels: { a: null } }, 'label "a": found null, expected text'],
    [{ status: 'firing', labels: { a: { b: 'c' } } }, 'label "a": found an object, expected text'],
  ])('%j cannot be read', (alert, words) => {
    expect(alertProblem(alert)).toContain(words);
  });

  test('lets names of JavaScript pass as the data that they are', () => {
    const alert: unknown = JSON.parse('{"status":"firing","labels":{"__proto__":"polluted","constructor":"x","toString":"y","hasOwnProperty":"z"}}');
    expect(alertProblem(alert)).toBeUndefined();
    const labels = allPairs(Reflect.get(Object(alert), 'labels'));
    expect(label(labels, '__proto__')).toBe('polluted');
    expect(label(labels, 'hasOwnProperty')).toBe('z');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('takes a cluster only from a label of the alert itself', () => {
    expect(clusterLabel({ labels: { cluster: 'prod' } })).toBe('prod');
    expect(clusterLabel({ labels: { cluster: '' } })).toBeUndefined();
    expect(clusterLabel(null)).toBeUndefined();
  });

  test('says which clusters a sender is bound to', () => {
    expect(bindingProblem('prod', { sender: 'staging', clusters: ['staging'] })).toBe(
      'its cluster label says "prod", but the sender "staging" is bound to "staging"',
    );
    expect(bindingProblem('prod', { sender: 'loopback', clusters: ['*'] })).toBeUndefined();
  });
});

describe('bounds', () => {
  test('a long value is cut, and two long values stay two', () => {
    const bounded = boundPairs(
      [
        ['a', 'x'.repeat(5000)],
        ['b', `${'x'.repeat(4999)}y`],
      ],
      4096,
    );
    expect(bounded.cut).toBe(2);
    const [a, b] = bounded.labels.map(([, value]) => value);
    expect(a).toHaveLength(4096);
    expect(a).not.toBe(b);
    expect(a).toMatch(/…#[0-9a-f]{12}$/);
  });

  test('a surrogate pair is not cut in two', () => {
    for (const length of [98, 99, 100, 101]) expect(cutText(`${'x'.repeat(length - 16)}${'🙂'.repeat(40)}`, 100).isWellFormed()).toBe(true);
  });

  test('of ten thousand labels those stay that routing rests on', () => {
    const many: [string, string][] = Array.from({ length: 10_000 }, (_, index) => [`a${String(index).padStart(5, '0')}`, 'x']);
    const bounded = boundPairs([...many, ['alertname', 'A'], ['cluster', 'prod'], ['severity', 'critical']], 4096);
    expect(bounded.labels).toHaveLength(256);
    expect(bounded.cut).toBe(10_003 - 256);
    expect(label(bounded.labels, 'alertname')).toBe('A');
    expect(label(bounded.labels, 'severity')).toBe('critical');
  });
});

describe('times', () => {
  const nowMs = Date.UTC(2026, 10, 21);
  test.each([
    ['2026-11-20T10:00:00.123456789+05:30', Date.UTC(2026, 10, 20, 4, 30, 0, 123)],
    ['0000-01-01T00:00:00Z', 0],
    ['9999-12-31T23:59:59Z', nowMs + 86_400_000],
    ['0001-01-01T00:00:00Z', undefined],
    ['Nov 20 2026', undefined],
    ['2026-99-99T00:00:00Z', undefined],
    [17, undefined],
    [undefined, undefined],
  ])('%s', (text, expected) => {
    expect(readTime(text, nowMs)).toBe(expected);
  });
});
