// The desktop window: the page in the shell, or in a browser a picture of one of its states
// (`?state=…`, not in releases).
import '../elements.css';
import './select.css';
import { mount } from 'svelte';
import { Announcer } from '../announcer.svelte';
import { browserMemory } from '../memory';
import { Desktop, pageOf } from './desktop.svelte';
import DesktopWindow from './Desktop.svelte';
import { followZoom } from './zoom';

async function desktop(): Promise<Desktop> {
  const state = new URLSearchParams(location.search).get('state');
  const announcer = new Announcer();
  if (import.meta.env.DEV && state !== null) {
    const { page, openClip, search, ...options } = (await import('../host/demo')).demo(state);
    const shown = new Desktop({ ...options, announcer });
    if (page) shown.page = page;
    shown.openClip = openClip;
    setTimeout(() => shown.catalog.search.write(search ?? ''), 50);
    return shown;
  }
  const shown = new Desktop({
    host: (await import('../host/tauri')).tauri,
    announcer,
    memory: browserMemory,
  });
  shown.page = pageOf(location);
  return shown;
}

const target = document.getElementById('app');
if (target) {
  const shown = await desktop();
  mount(DesktopWindow, { target, props: { desktop: shown } });
  followZoom(shown.host);
  await Promise.all([shown.host.painted(), shown.open()]);
}
