import { oneOf, walk } from '../state/fields.ts';
import { part } from '../state/part.ts';

const LANGUAGES = ['javascript', 'numpy', 'pytorch'] as const;
export type LanguageName = (typeof LANGUAGES)[number];

export const CODE = part('code', { language: walk(oneOf(LANGUAGES)) });
