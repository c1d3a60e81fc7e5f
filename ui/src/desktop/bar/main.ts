// The floating bar: the page in the shell, or in a browser a picture of one of its states
// (`?state=…`, not in releases).
import '../floating.css';
import { mount } from 'svelte';
import type { BarHost } from '../../host/host';
import Bar from './Bar.svelte';
import { BarState } from './bar.svelte';

async function host(): Promise<BarHost> {
  const state = new URLSearchParams(location.search).get('state');
  if (import.meta.env.DEV && state !== null)
    return (await import('../../host/demo/bar')).demoBar(state);
  return (await import('../../host/tauri')).tauri;
}

const target = document.getElementById('app');
if (target) {
  document.documentElement.classList.toggle('square', location.search.startsWith('?square'));
  const bar = new BarState(await host());
  mount(Bar, { target, props: { bar } });
  await bar.open();
}
