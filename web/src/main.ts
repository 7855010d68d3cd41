import App from './App.svelte';
import { keepOffline } from './keepOffline.ts';
import { showSection } from './sections/showSection.ts';
import { start } from './start.ts';
import { PageState } from './state/page.svelte.ts';

const page = new PageState();
await start(App, page);
if (page.section !== null) showSection(page.section);
keepOffline();
