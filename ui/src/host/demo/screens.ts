// What is on the screens of the demos, and what their cameras see.
import type { ScreenPicture, WindowView } from '../host';

const address = (svg: string) => `data:image/svg+xml,${encodeURIComponent(svg)}`;

const LINES = ['5 fields instead of 14', 'City from the postal code', 'Message beside the field'];

function page(width: number, height: number, title: string): string {
  const lines = LINES.map(
    (line, n) => `<text x="64" y="${150 + n * 34}" font-size="18" fill="#3a3a3a">• ${line}</text>`,
  ).join('');
  return address(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width / 4}" height="${height / 4}" viewBox="0 0 ${width / 2} ${height / 2}" font-family="sans-serif"><rect width="100%" height="100%" fill="#f2efe7"/><rect width="100%" height="32" fill="#2b2b2b"/><text x="16" y="21" font-size="13" fill="#fff">${title}</text><text x="48" y="100" font-size="34" font-weight="bold" fill="#222">What we changed</text>${lines}</svg>`,
  );
}

export const SCREEN: ScreenPicture = {
  address: page(1920, 1080, 'Checkout redesign'),
  width: 1920,
  height: 1080,
};

const window = (id: number, title: string, program: string): WindowView => ({
  id,
  title,
  program,
  width: 1200,
  height: 800,
  picture: page(1200, 800, title),
});

export const WINDOWS: readonly WindowView[] = [
  window(11, 'Checkout redesign', 'Figma'),
  window(12, 'What we changed: notes for the review on Thursday', 'Writer'),
  window(13, 'Terminal', 'Terminal'),
  { ...window(14, '', 'Calculator'), picture: null },
];

/** Somebody in front of the camera. */
export function face(): string {
  return address(
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180" viewBox="0 0 320 180"><rect width="320" height="180" fill="#355a80"/><ellipse cx="160" cy="190" rx="80" ry="52" fill="#20324d"/><circle cx="160" cy="84" r="46" fill="#8a5a3c"/><circle cx="160" cy="92" r="36" fill="#e6b48c"/></svg>',
  );
}
