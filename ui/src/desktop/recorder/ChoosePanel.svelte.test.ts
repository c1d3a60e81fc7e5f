import { expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-svelte';
import { page, userEvent } from 'vitest/browser';
import { UNREACHABLE } from '../../api/problem';
import { demo } from '../../host/demo';
import { SCREEN } from '../../host/demo/screens';
import ChoosePanel from './ChoosePanel.svelte';
import { Planning } from './planning.svelte';
import { temporaryMemory } from '../../memory';

/** The panel as the devices of a demo state make it. */
async function open(state = 'idle') {
  const { host } = demo(state);
  const told = {
    kept: vi.spyOn(host, 'keepSettings'),
    moved: vi.spyOn(host, 'setBubble'),
    windows: vi.spyOn(host, 'windows'),
  };
  const planning = new Planning(host, temporaryMemory());
  await planning.open();
  const onrecord = vi.fn();
  const ontranscribe = vi.fn();
  const screen = await render(ChoosePanel, {
    state: 'choosing' as const,
    planning,
    rehearsal: { level_dbfs: -20, warnings: [] },
    camera: null,
    screen: SCREEN,
    silent: false,
    problem: undefined,
    destination: { saved: 'Saved to', name: 'Acme', audience: 'anyone with the link can watch' },
    shortcut: 'Ctrl Shift R',
    transcribes: true,
    ontranscribe,
    onrecord,
  });
  return { planning, ...told, onrecord, ontranscribe, screen };
}

const record = page.getByRole('button', { name: 'Start recording' });
const mode = (name: string) => page.getByRole('radio', { name, exact: true });

test('it offers what is plugged in, and says where the recording goes', async () => {
  const { planning, kept, onrecord, ontranscribe } = await open();
  await expect
    .element(record)
    .toHaveAccessibleDescription('Saved to Acme · anyone with the link can watch');
  const microphone = page.getByRole('combobox', { name: 'Microphone' });
  await microphone.selectOptions('Headset');
  await expect.poll(() => kept.mock.lastCall?.[0].microphone).toBe('headset');
  await page.getByText('Options').click();
  await page.getByRole('combobox', { name: 'Countdown' }).selectOptions('No countdown');
  await expect.poll(() => kept.mock.lastCall?.[1]).toBe(0);
  await page.getByRole('combobox', { name: 'Frame rate' }).selectOptions('Up to 60 a second');
  await page.getByRole('switch', { name: 'Let viewers watch while I record' }).click();
  await page.getByRole('switch', { name: 'Transcribe my recordings' }).click();
  expect(ontranscribe).toHaveBeenCalledWith(false);
  await userEvent.keyboard('{Escape}');
  await expect.element(page.getByRole('combobox', { name: 'Countdown' })).not.toBeInTheDocument();
  await record.click();
  expect(onrecord).toHaveBeenCalledOnce();
  expect(planning.plan()).toMatchObject({ live: true, countdown_s: 0, fps_max: 60 });
});

test('a device that is switched off is remembered', async () => {
  const { planning } = await open();
  await page.getByRole('combobox', { name: 'Microphone' }).selectOptions('Headset');
  await page.getByRole('switch', { name: 'Microphone' }).click();
  expect(planning.plan().sources.microphone).toBe('off');
  await expect.element(page.getByText('Microphone off')).toBeVisible();
  await page.getByRole('switch', { name: 'Microphone' }).click();
  expect(planning.plan().sources.microphone).toBe('headset');
});

test('a missing camera and microphone are a quiet row each, and no obstacle', async () => {
  const { onrecord, planning } = await open('no-devices');
  await expect.element(page.getByText('No camera: record without it')).toBeVisible();
  await expect.element(page.getByText('No microphone: record without sound')).toBeVisible();
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
  await expect.element(page.getByRole('meter')).not.toBeInTheDocument();
  await record.click();
  expect(onrecord).toHaveBeenCalledOnce();
  expect(planning.plan().sources).toMatchObject({ camera: 'off', microphone: 'off' });
});

test('a sound server that refuses is not called a missing microphone', async () => {
  await open('sound-refused');
  await expect.element(page.getByText('The sound server refused Vignette')).toBeVisible();
  await expect.element(page.getByText(/No microphone/)).not.toBeInTheDocument();
});

test('with no source chosen there is nothing to record', async () => {
  const { onrecord } = await open('none');
  await expect.element(record).toBeDisabled();
  await expect.element(page.getByText('Choose a screen, a camera or a microphone.')).toBeVisible();
  expect(onrecord).not.toHaveBeenCalled();
});

test('while sources are being opened it cannot be pressed again', async () => {
  const { screen, onrecord } = await open();
  await screen.rerender({ state: 'starting' });
  await expect.element(page.getByRole('button', { name: 'Starting…' })).toBeDisabled();
  expect(onrecord).not.toHaveBeenCalled();
});

test('what did not work is read out, and goes when it is over', async () => {
  const { screen } = await open();
  await screen.rerender({ problem: UNREACHABLE });
  await expect.element(page.getByRole('alert')).toHaveTextContent(UNREACHABLE.message);
  await screen.rerender({ problem: undefined });
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
});

test('the level is seen, and silence is said before anything is recorded', async () => {
  const { screen } = await open();
  await expect.element(page.getByRole('meter')).toHaveAttribute('aria-valuetext', 'Good');
  await screen.rerender({ silent: true, rehearsal: { level_dbfs: -80, warnings: [] } });
  await expect.element(page.getByText('We can’t hear you')).toBeVisible();
  await expect.element(page.getByRole('meter')).toHaveAttribute('aria-valuetext', 'No sound');
});

test('a window is chosen from their pictures, and another one later', async () => {
  const { planning, onrecord } = await open();
  await mode('Window').click();
  await expect.element(record).toBeDisabled();
  await expect.element(record).toHaveAccessibleDescription('Choose a window.');
  await page.getByRole('button', { name: /Checkout redesign/ }).click();
  expect(planning.plan().target).toEqual({ target: 'window', id: 11 });
  await expect.element(page.getByRole('img', { name: 'The window' })).toBeVisible();
  await record.click();
  expect(onrecord).toHaveBeenCalledOnce();
  await page.getByRole('button', { name: 'Choose another' }).click();
  await expect.element(page.getByRole('list', { name: 'Windows' })).toBeVisible();
});

test('where no window is open it says so, and looks again', async () => {
  const { windows } = await open('choosing-no-window');
  await expect.element(page.getByText('No other window is open.')).toBeVisible();
  const before = windows.mock.calls.length;
  await page.getByRole('button', { name: 'Look again' }).click();
  await expect.poll(() => windows.mock.calls.length).toBe(before + 1);
});

test('an area is moved and resized by the keyboard, and typed', async () => {
  const { planning } = await open('choosing-area');
  expect(planning.rehearsed?.target, 'the area is drawn over the whole display').toEqual({
    target: 'display',
  });
  const area = page.getByRole('button', { name: /^Area:/ });
  await expect.element(area).toHaveAccessibleDescription(/Arrow keys move it/);
  (area.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}{Shift>}{ArrowDown}{/Shift}');
  await expect.element(area).toHaveAccessibleName('Area: 1200 × 720 pixels at 260, 200');
  await userEvent.fill(page.getByRole('spinbutton', { name: 'Width in pixels' }), '5000');
  await userEvent.keyboard('{Enter}');
  expect(planning.plan().target).toEqual({
    target: 'region',
    rect: { x: 0, y: 200, width: 1920, height: 720 },
  });
});

test('an area is dragged by its handles', async () => {
  const { planning } = await open('choosing-area');
  const handle = document.querySelector('[data-handle=e]');
  const area = document.querySelector<HTMLElement>('[data-testid=area]');
  if (!handle || !area) throw new Error('no area');
  area.setPointerCapture = () => undefined;
  const scale = area.getBoundingClientRect().width / 1200;
  const at = (type: string, clientX: number) =>
    handle.dispatchEvent(
      new PointerEvent(type, { bubbles: true, button: 0, pointerId: 1, clientX, clientY: 0 }),
    );
  at('pointerdown', 100);
  at('pointermove', 100 + 100 * scale);
  at('pointerup', 100 + 100 * scale);
  const { target } = planning.plan();
  if (target?.target !== 'region') throw new Error('no region');
  expect(target.rect.x).toBe(240);
  expect(Math.abs(target.rect.width - 1300)).toBeLessThan(4);
});

test('the camera is moved, resized and taken out of the picture by the keyboard', async () => {
  const { moved } = await open('choosing');
  const bubble = page.getByRole('button', { name: /^Camera bubble: bottom left/ });
  (bubble.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowUp}');
  expect(moved.mock.lastCall?.[0]?.y).toBeLessThan(0.82);
  await page.getByRole('button', { name: 'Large' }).click();
  expect(moved.mock.lastCall?.[0]?.size).toBe(0.45);
  await userEvent.click(page.getByRole('button', { name: 'Off' }));
  expect(moved.mock.lastCall?.[0]).toBeNull();
  await expect
    .element(page.getByRole('button', { name: /^Camera bubble:/ }))
    .not.toBeInTheDocument();
  await page.getByRole('button', { name: 'Small' }).click();
  await expect.element(page.getByRole('button', { name: /^Camera bubble:/ })).toBeVisible();
});

test('camera only records no screen, and the screen comes back as it was', async () => {
  const { planning } = await open('choosing');
  await page.getByRole('combobox', { name: 'Screen' }).selectOptions('DP-2 (2560 × 1440)');
  await mode('Camera only').click();
  expect(planning.plan().sources).toMatchObject({ screen: 'off', camera: 'default' });
  await mode('Screen').click();
  expect(planning.plan().sources.screen).toBe(':0.DP-2');
});
