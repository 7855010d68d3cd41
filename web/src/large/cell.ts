/** A weight of the picture, by its query and key, counted from 0. */
export interface Cell {
  readonly query: number;
  readonly key: number;
}
