// The library's home page: replaces the list that the server rendered by the library that one can
// look through without loading pages.
import { mount } from 'svelte';
import { Announcer } from '../announcer.svelte';
import { Library } from '../api/library';
import { ClipCatalog } from '../library/catalog.svelte';
import { placeOf } from '../library/places';
import { browserMemory } from '../memory';
import Home from './Home.svelte';

const target = document.getElementById('library');
if (target) {
  const catalog = new ClipCatalog();
  catalog.place = placeOf(location);
  catalog.show(new Library(''));
  catalog.search.write(new URLSearchParams(location.search).get('q') ?? '');
  // What the server rendered stays until there is something in its place.
  const stop = $effect.root(() => {
    $effect(() => {
      if (catalog.state.name !== 'open') return;
      target.replaceChildren();
      mount(Home, {
        target,
        props: { catalog, memory: browserMemory, announcer: new Announcer() },
      });
      queueMicrotask(() => stop());
    });
  });
}
