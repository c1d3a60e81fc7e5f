// The ways in which every state is looked at: one row each.

/**
 * @typedef {import('playwright-core').BrowserContextOptions} ContextOptions
 * @typedef {{ name: string, says: string, options: ContextOptions, whole?: boolean, rtl?: boolean }} Variant
 */

/** @type {ContextOptions} */
const WINDOW = {
  viewport: { width: 1280, height: 860 },
  deviceScaleFactor: 1,
  colorScheme: 'light',
  // Pictures of what moves would differ each time.
  reducedMotion: 'reduce',
};

/** @type {Variant[]} */
export const VARIANTS = [
  { name: 'light', says: 'Light', options: WINDOW },
  { name: 'dark', says: 'Dark', options: { ...WINDOW, colorScheme: 'dark' } },
  {
    name: 'zoom',
    says: '200 %',
    // At 200 % half as much fits into the same window.
    options: { ...WINDOW, viewport: { width: 640, height: 430 }, deviceScaleFactor: 2 },
    whole: true,
  },
  {
    name: 'zoom-dark',
    says: '200 %, dark',
    options: {
      ...WINDOW,
      colorScheme: 'dark',
      viewport: { width: 640, height: 430 },
      deviceScaleFactor: 2,
    },
    whole: true,
  },
  {
    name: 'phone',
    says: '380 px, touch',
    options: {
      ...WINDOW,
      viewport: { width: 380, height: 800 },
      deviceScaleFactor: 2,
      hasTouch: true,
      isMobile: true,
    },
    whole: true,
  },
  { name: 'forced', says: 'Forced colours', options: { ...WINDOW, forcedColors: 'active' } },
  { name: 'rtl', says: 'Right to left', options: WINDOW, rtl: true },
  {
    name: 'moving',
    says: 'With motion (all others: reduced)',
    options: { ...WINDOW, reducedMotion: 'no-preference' },
  },
];
