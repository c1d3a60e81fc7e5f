import { expect, test } from 'vitest';
import { demo } from '../../host/demo';
import { DEVICES } from '../../host/demo/states';
import { temporaryMemory } from '../../memory';
import { Planning } from './planning.svelte';

async function opened(state: string) {
  const { host } = demo(state);
  const planning = new Planning(host, temporaryMemory());
  await planning.open();
  return { host, planning };
}

test('a sound server that refuses is not the same as no microphone', async () => {
  const { planning } = await opened('sound-refused');
  expect(planning.microphoneProblem?.message).toBe('The sound server refused Vignette');
  expect(planning.used.microphone, 'it is asked for all the same, and says why').toBe('default');
  planning.pick('microphone', 'off');
  expect(planning.microphoneProblem).toBeUndefined();
});

test('what is not there is not asked for', async () => {
  const { planning } = await opened('no-devices');
  expect(planning.used).toMatchObject({ camera: 'off', microphone: 'off' });
  expect(planning.missing).toBeUndefined();
});

test('while no window is chosen the screen stays closed, and nothing can be recorded', async () => {
  const { planning } = await opened('choosing-window');
  expect(planning.missing).toBe('Choose a window.');
  expect(planning.rehearsed?.sources.screen).toBe('off');
  await planning.target.refreshWindows();
  planning.target.window = planning.target.windows?.[0];
  expect(planning.missing).toBeUndefined();
  expect(planning.rehearsed).toMatchObject({
    sources: { screen: 'default' },
    target: { target: 'window', id: 11 },
  });
});

test('a window that was closed is chosen no more', async () => {
  const { host, planning } = await opened('choosing-window');
  await planning.target.refreshWindows();
  planning.target.window = planning.target.windows?.[0];
  host.windows = () => Promise.resolve([]);
  await planning.refreshDevices();
  await expect.poll(() => planning.target.window).toBeUndefined();
});

test('the display that is recorded says how large it is', async () => {
  const { planning } = await opened('idle');
  expect(planning.display).toEqual({ width: 1920, height: 1080 });
  planning.pick('screen', DEVICES.screens[1]?.id ?? '');
  expect(planning.display).toEqual({ width: 2560, height: 1440 });
});
