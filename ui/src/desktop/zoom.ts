// The page is read larger or smaller by the keys and the wheel that browsers have for it. The shell
// keeps it.
import type { Host } from '../host/host';
import type { Zoom } from '../host/ipc.gen';

const KEYS: Partial<Record<string, Zoom>> = {
  '+': 'in',
  '=': 'in',
  '-': 'out',
  '0': 'reset',
};

/** What a press asks for, if anything. */
export function zoomOf(
  press: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
): Zoom | undefined {
  return (press.ctrlKey || press.metaKey) && !press.altKey ? KEYS[press.key] : undefined;
}

export function followZoom(host: Pick<Host, 'zoom'>) {
  const ask = (change: Zoom, event: Event) => {
    event.preventDefault();
    host.zoom(change).catch((why: unknown) => console.error(why));
  };
  addEventListener('keydown', (event) => {
    const change = zoomOf(event);
    if (change) ask(change, event);
  });
  addEventListener(
    'wheel',
    (event) => {
      if (event.ctrlKey && event.deltaY !== 0) ask(event.deltaY < 0 ? 'in' : 'out', event);
    },
    { passive: false },
  );
}
