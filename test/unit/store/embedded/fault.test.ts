import { describe, expect, test } from 'vitest';
import { SalvorError } from '../../../../src/model/error.ts';
import { faultOf, toError } from '../../../../src/store/embedded/fault.ts';

const FILE = '/data/salvor.db';
const sqliteError = (errcode: number): Error => Object.assign(new Error('words of SQLite'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('a fault of the storage', () => {
  test.each([
    [13, 'store.full', 'later', false],
    [5, 'store.locked', 'later', true],
    [261, 'store.locked', 'later', true],
    [7, 'store.unavailable', 'later', false],
    [14, 'store.unavailable', 'never', true],
    [8, 'store.damaged', 'never', true],
    [1032, 'store.damaged', 'never', true],
    [10, 'store.damaged', 'never', true],
    [778, 'store.damaged', 'never', true],
    [1034, 'store.damaged', 'never', true],
    [11, 'store.damaged', 'never', true],
    [26, 'store.damaged', 'never', true],
  ])('with the result code %i is %s, tried again %s, the end of the store: %s', (errcode, code, retry, fatal) => {
    const fault = faultOf(sqliteError(errcode), FILE);
    expect(fault).toMatchObject({ code, retry, fatal, storage: true });
    expect(fault.message).toContain(FILE);
    expect(toError(fault)).toMatchObject({ code, retry });
  });

  test('says who has the store and what to do, when it is locked', () => {
    expect(faultOf(sqliteError(5), FILE).message).toMatch(/Another Salvor has this store open.*stop the other one.*redis/);
  });

  test('says what to do, when the file is damaged', () => {
    expect(faultOf(sqliteError(11), FILE).message).toMatch(/is damaged.*backup/);
  });
});

describe('any other fault', () => {
  test('keeps its code and details over the border of the worker, and concerns one call alone', () => {
    const error = new SalvorError('store.full', 'The inbox is full.', { retry: 'later', details: { limit: 3 } });
    const fault = faultOf(error, FILE);
    expect(fault).toMatchObject({ fatal: false, storage: false });
    expect(toError(structuredClone(fault))).toMatchObject({ code: 'store.full', message: 'The inbox is full.', retry: 'later', details: { limit: 3 } });
  });

  test.each([[sqliteError(19)], [new TypeError('a bug')], ['a text']])('is internal', (error) => {
    expect(faultOf(error, FILE)).toMatchObject({ code: 'internal', retry: 'never', fatal: false, storage: false });
  });
});
