import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/ledger.css';
import './styles/matrix.css';
import './styles/static.css';
import { createAttention } from 'qkv';
import { flushSync, mount } from 'svelte';
import App from './App.svelte';
import { keepOffline } from './keepOffline.ts';
import { showSection } from './sections/showSection.ts';
import { open } from './state/address.svelte.ts';
import { PageState } from './state/page.svelte.ts';
import { takeTurn, turnsTaken } from './turns.ts';

/**
 * The longest wait for engine and fonts. The page appears complete, so that nothing jumps, but a slow
 * font must not delay it longer.
 */
const PATIENCE_MS = 1500;

const page = new PageState();
open(page);

const engineSettled = createAttention().then(
  (engine) => page.engineReady(engine),
  (error: unknown) => page.engineFailed(error instanceof Error ? error.message : String(error)),
);
const FONTS = ['1em "Source Serif 4"', '1em "Source Sans 3"', '1em "STIX Two Math"'];
const fontsSettled = Promise.allSettled(FONTS.map((font) => document.fonts.load(font)));

await Promise.race([
  Promise.all([engineSettled, fontsSettled]),
  new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
]);

const target = document.getElementById('page');
if (!target) throw new Error('index.html has no element #page');
takeTurn(() => {
  mount(App, { target, props: { page } });
  flushSync(); // so that its parts ask for their turns
});
await turnsTaken();
if (page.section > 0) showSection(page.section);
keepOffline();
