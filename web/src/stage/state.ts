import { decimal, moment } from '../state/fields.ts';
import { part } from '../state/part.ts';

/** The stage shows every number, and no move is under way. */
export const AT_REST = -1;
/** More beats than a move of the largest matrices has. */
const MOST_BEATS = 200;

/** Where the stage is in the move of the present step, in beats: story.ts. */
export const STAGE = part('stage', { at: moment(decimal(AT_REST, AT_REST, MOST_BEATS)) });
