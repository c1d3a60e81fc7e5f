import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { UNREACHABLE } from '../../api/problem';
import { demo } from '../../host/demo';
import { temporaryMemory } from '../../memory';
import ChoosePanel from './ChoosePanel.svelte';
import { Planning } from './planning.svelte';

/** The panel as the devices of a demo state make it. */
async function open(state = 'idle', more: Partial<Parameters<typeof props>[1]> = {}) {
  const { host } = demo(state);
  const kept = vi.spyOn(host, 'keepSettings');
  const planning = new Planning(host, temporaryMemory());
  await planning.open();
  const onrecord = vi.fn();
  const screen = await render(ChoosePanel, props(planning, { onrecord, ...more }));
  return { planning, kept, onrecord, screen };
}

function props(planning: Planning, more: { onrecord: () => void; preview?: string | null }) {
  return {
    state: 'choosing' as const,
    planning,
    rehearsal: { level_dbfs: -20, warnings: [] },
    preview: null,
    problem: undefined,
    destination: 'the library on this computer',
    ...more,
  };
}

const record = page.getByRole('button', { name: 'Record' });

test('it offers what is plugged in, and says where the clip goes', async () => {
  const { planning, kept, onrecord } = await open();
  await expect
    .element(record)
    .toHaveAccessibleDescription('The clip goes to the library on this computer.');
  const microphone = page.getByRole('combobox', { name: 'Microphone' });
  await microphone.selectOptions('Headset');
  await expect.poll(() => kept.mock.lastCall?.[0].microphone).toBe('headset');
  await page.getByText('Options').click();
  await page.getByRole('combobox', { name: 'Countdown' }).selectOptions('No countdown');
  await expect.poll(() => kept.mock.lastCall?.[1]).toBe(0);
  await userEvent.fill(page.getByRole('textbox', { name: 'Title' }), 'Release 0.4');
  await page.getByRole('switch', { name: 'Can be watched live' }).click();
  await record.click();
  expect(onrecord).toHaveBeenCalledOnce();
  expect(planning.plan()).toMatchObject({ title: 'Release 0.4', live: true, countdown_s: 0 });
});

test('with no source chosen there is nothing to record', async () => {
  const { onrecord } = await open('none');
  await expect.element(record).toBeDisabled();
  await expect.element(page.getByText('Choose a screen, a camera or a microphone.')).toBeVisible();
  await page.getByText('Options').click();
  await userEvent.fill(page.getByRole('textbox', { name: 'Title' }), 'Nothing{Enter}');
  expect(onrecord).not.toHaveBeenCalled();
});

test('while sources are being opened it cannot be pressed again', async () => {
  const { screen, onrecord } = await open();
  await screen.rerender({ state: 'starting' });
  await expect.element(page.getByRole('button', { name: 'Opening…' })).toBeDisabled();
  expect(onrecord).not.toHaveBeenCalled();
});

test('what did not work is read out, and goes when it is over', async () => {
  const { screen } = await open();
  await screen.rerender({ problem: UNREACHABLE });
  await expect.element(page.getByRole('alert')).toHaveTextContent(UNREACHABLE.message);
  await screen.rerender({ problem: undefined });
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
});

test('warnings of the rehearsal and its level are seen before anything is recorded', async () => {
  const { screen } = await open();
  await expect.element(page.getByRole('meter')).toHaveAttribute('aria-valuetext', 'Good');
  await screen.rerender({
    rehearsal: {
      level_dbfs: null,
      warnings: [
        { warning: 'silent' as const, text: 'No sound for 5 seconds: is the microphone muted?' },
      ],
    },
  });
  await expect
    .element(page.getByText('No sound for 5 seconds: is the microphone muted?'))
    .toBeVisible();
  await expect
    .element(page.getByRole('meter'))
    .toHaveAttribute('aria-valuetext', 'Nothing to hear');
});
