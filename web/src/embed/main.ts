import { start } from '../start.ts';
import { PageState } from '../state/page.svelte.ts';
import Embed from './Embed.svelte';
import { tellHeight } from './height.ts';

/** One section for the frame of another page: embed.html#…&at=words. */
tellHeight(document.body, window.parent);
const page = new PageState();
page.isEmbedded = true;
await start(Embed, page);
