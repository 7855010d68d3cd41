export const FORMATS = ['PNG', 'SVG', 'CSV', 'JSON'] as const;
export type Format = (typeof FORMATS)[number];
