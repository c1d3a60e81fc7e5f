// Keys as shortcuts name them: `Ctrl+Shift+R`.

const MODIFIERS = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph'];

/**
 * The keys that were pressed. Nothing while only modifiers are held, or none but Shift: such a key
 * would be taken from every other program.
 */
export function keysOf(
  event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'>,
): string | undefined {
  if (MODIFIERS.includes(event.key)) return undefined;
  const isFunction = /^F\d{1,2}$/.test(event.key);
  if (!(event.ctrlKey || event.altKey || event.metaKey || isFunction)) return undefined;
  // The key itself, whatever Shift makes of it.
  const key = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1] ?? event.key;
  return [
    event.ctrlKey && 'Ctrl',
    event.altKey && 'Alt',
    event.shiftKey && 'Shift',
    event.metaKey && 'Super',
    key === ' ' ? 'Space' : key.length === 1 ? key.toUpperCase() : key,
  ]
    .filter((part) => part !== false)
    .join('+');
}
