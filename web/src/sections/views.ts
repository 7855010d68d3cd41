import type { Component } from 'svelte';
import Large from './Large.svelte';
import MasksAndHeads from './MasksAndHeads.svelte';
import Options from './Options.svelte';
import OwnMatrices from './OwnMatrices.svelte';
import Speed from './Speed.svelte';
import type { SectionId } from './sections.ts';
import UseIt from './UseIt.svelte';
import WhyScale from './WhyScale.svelte';
import Words from './Words.svelte';
import WorkedExample from './WorkedExample.svelte';

/** What each section shows. */
export const SECTION_VIEWS: Record<SectionId, Component> = {
  example: WorkedExample,
  words: Words,
  masks: MasksAndHeads,
  'why-scale': WhyScale,
  matrices: OwnMatrices,
  options: Options,
  large: Large,
  speed: Speed,
  use: UseIt,
};
