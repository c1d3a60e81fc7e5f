import { expect, test } from 'vitest';
import { keysOf } from './keys';

const NONE = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };

test('keys are named in one order, whatever Shift makes of them', () => {
  const both = { ...NONE, ctrlKey: true, shiftKey: true };
  expect(keysOf({ ...both, key: 'R', code: 'KeyR' })).toBe('Ctrl+Shift+R');
  expect(keysOf({ ...both, key: '!', code: 'Digit1' })).toBe('Ctrl+Shift+1');
  expect(keysOf({ ...NONE, altKey: true, key: ' ', code: 'Space' })).toBe('Alt+Space');
  expect(keysOf({ ...NONE, key: 'F9', code: 'F9' })).toBe('F9');
});

test('keys that other programs are typed with are none', () => {
  expect(keysOf({ ...NONE, key: 'r', code: 'KeyR' })).toBeUndefined();
  expect(keysOf({ ...NONE, shiftKey: true, key: 'R', code: 'KeyR' })).toBeUndefined();
  expect(keysOf({ ...NONE, ctrlKey: true, key: 'Control', code: 'ControlLeft' })).toBeUndefined();
});
