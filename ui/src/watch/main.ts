// The page of a clip: replaces what the server rendered by the player and the replies.
import '../page.css';
import { mount } from 'svelte';
import { Announcer } from '../announcer.svelte';
import { Library } from '../api/library';
import { browserMemory } from '../memory';
import { urlFor, asksToRead, readIsland, startTime } from './island';
import Watch from './Watch.svelte';

const island = readIsland(document);
const target = document.getElementById('app');
if (island && target) {
  const announcer = new Announcer();
  const options = {
    library: new Library(''),
    key: island.key,
    view: island.clip,
    replies: island.replies,
    reactions: island.reactions,
    member: island.member ?? undefined,
    own: island.own ?? undefined,
    memory: browserMemory,
    announcer,
    start_us: startTime(location),
    read: asksToRead(location),
    onread: (read: boolean) => history.replaceState(null, '', urlFor(read, location)),
  };
  // Styles under `.page` are for pages without a script.
  document.body.classList.remove('page');
  target.replaceChildren();
  mount(Watch, { target, props: { options, announcer, library: island.library } });
}
