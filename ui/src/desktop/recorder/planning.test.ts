import { expect, test } from 'vitest';
import type { Host } from '../../host/host';
import { temporaryMemory } from '../../memory';
import { Planning } from './planning.svelte';

const memory = temporaryMemory();
const planning = () => new Planning({} as Host, memory);
const details = ({ title, summary }: Planning) => ({ title, summary });
const NONE = { title: '', summary: '' };

test('title and summary of the next take outlive the window, until a take has them', () => {
  const before = planning();
  before.title = 'Typed';
  before.summary = 'before a reload';
  const after = planning();
  expect(details(after)).toEqual({ title: 'Typed', summary: 'before a reload' });
  expect(after.plan()).toMatchObject({ title: 'Typed', summary: 'before a reload' });
  after.handOverDetails();
  expect([details(after), details(planning())]).toEqual([NONE, NONE]);
});

test('a sound server that refuses is not the same as no microphone', async () => {
  const refusal = {
    code: 'source_unavailable',
    message: 'The sound server refused Vignette',
    help: 'See pactl info',
  };
  const devices = { screens: [], cameras: [], microphones: [], microphone_problem: refusal };
  const host = {
    devices: () => Promise.resolve(devices),
    keepSettings: () => Promise.resolve(),
  } as unknown as Host;
  const now = new Planning(host, memory);
  expect(now.options('microphone')[0]?.label).toBe('None found');
  await now.refreshDevices();
  expect(now.options('microphone')[0]?.label).toBe('Not available');
  expect(now.options('camera')[0]?.label).toBe('None found');
  expect(now.microphoneProblem).toEqual(refusal);
  now.pick('microphone', 'off');
  expect(now.microphoneProblem).toBeUndefined();
});

test('of a take that is not kept title and summary come back, as they were changed last', () => {
  const now = planning();
  now.title = 'First';
  now.handOverDetails();
  now.noteDetails({ summary: 'while it ran' });
  now.takeBackDetails();
  expect(details(now)).toEqual({ title: 'First', summary: 'while it ran' });
});
