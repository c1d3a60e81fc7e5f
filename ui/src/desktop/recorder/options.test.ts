import { expect, test } from 'vitest';
import { options } from './options';

const webcam = { id: '/dev/video0', name: 'Webcam', default: true };
const other = { id: '/dev/video2', name: 'Other', default: false };

test('one device needs no choice', () => {
  expect(options([webcam], 'default', false)).toEqual([{ value: 'default', label: 'Webcam' }]);
});

test('several devices are listed, and the usual one is named', () => {
  expect(options([other, webcam], 'off', false).map(({ label }) => label)).toEqual([
    'Default: Webcam',
    'Other',
    'Webcam',
  ]);
});

test('what is chosen can be seen, whether or not it is there', () => {
  expect(options([], 'default', false)).toEqual([]);
  expect(options([webcam], 'desk camera', false).at(-1)).toEqual({
    value: 'desk camera',
    label: 'desk camera (not found)',
  });
  expect(options([webcam], 'synthetic', false).map(({ value }) => value)).toContain('synthetic');
  expect(options([webcam], 'default', false).map(({ value }) => value)).not.toContain('synthetic');
  expect(options([webcam], '/dev/video0', false).map(({ value }) => value)).toContain(
    '/dev/video0',
  );
});

test('screens say their size', () => {
  const screen = { id: ':0', name: 'Display', default: true, width: 1920, height: 1080 };
  expect(options([screen], 'default', false)[0]?.label).toBe('Display (1920 × 1080)');
});

test('a sound server whose device is called default is no second default', () => {
  const microphone = { id: 'default', name: 'PulseAudio', default: true };
  expect(options([microphone, other], 'default', false).map(({ value }) => value)).toEqual([
    'default',
    '/dev/video2',
  ]);
});
