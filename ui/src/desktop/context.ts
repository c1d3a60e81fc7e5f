import { createContext } from 'svelte';
import type { Desktop } from './desktop.svelte';

/** What the whole window shares. */
export const [getDesktop, setDesktop] = createContext<Desktop>();
