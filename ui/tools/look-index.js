// The page on which a person leafs through the pictures: a row for each state, the arrow keys go on.

/**
 * @param {{ name: string }[]} states
 * @param {{ name: string, says: string }[]} variants
 */
export function indexPage(states, variants) {
  const data = JSON.stringify({
    states: states.map(({ name }) => name),
    variants: variants.map(({ name, says }) => ({ name, says })),
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Every state</title>
<style>
  body { margin: 0; font: 14px/1.4 system-ui, sans-serif; background: #10151f; color: #eef0f4; }
  header { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: 8px; align-items: center; padding: 8px 16px; background: #18202e; z-index: 1; }
  select, button { font: inherit; padding: 4px 8px; }
  button[aria-pressed="true"] { background: #ff7a68; }
  main { display: grid; place-items: start center; padding: 16px; }
  main img { max-width: 100%; background: #fff; }
</style>
<header><select id="state" aria-label="State"></select><span id="variants"></span><span>← → state · ↑ ↓ variant</span></header>
<main><img id="picture" alt=""></main>
<script>
  const { states, variants } = ${data};
  let [state, variant] = (location.hash.slice(1).split(',').map(Number));
  state = state || 0; variant = variant || 0;
  const byId = (id) => document.getElementById(id);
  byId('state').append(...states.map((name, n) => new Option(name, n)));
  byId('variants').append(...variants.map(({ says }, n) => {
    const button = document.createElement('button');
    button.textContent = says;
    button.onclick = () => { variant = n; show(); };
    return button;
  }));
  function show() {
    byId('state').value = state;
    [...byId('variants').children].forEach((it, n) => it.setAttribute('aria-pressed', n === variant));
    byId('picture').src = states[state] + '-' + variants[variant].name + '.png';
    byId('picture').alt = states[state] + ', ' + variants[variant].says;
    history.replaceState(null, '', '#' + state + ',' + variant);
  }
  byId('state').onchange = (event) => { state = Number(event.target.value); show(); };
  addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step || event.target.tagName === 'SELECT') return;
    event.preventDefault();
    state = (state + step[0] + states.length) % states.length;
    variant = (variant + step[1] + variants.length) % variants.length;
    show();
  });
  show();
</script></html>
`;
}
