// The countdown over the middle of the screen.
import '../floating.css';
import { mount } from 'svelte';
import type { BarHost } from '../../host/host';
import Countdown from './Countdown.svelte';

async function host(): Promise<BarHost> {
  const state = new URLSearchParams(location.search).get('state');
  if (import.meta.env.DEV && state !== null)
    return (await import('../../host/demo/bar')).demoBar(state);
  return (await import('../../host/tauri')).tauri;
}

const target = document.getElementById('app');
if (target) {
  document.documentElement.classList.toggle('square', location.search.startsWith('?square'));
  mount(Countdown, { target, props: { host: await host() } });
}
