/** One weight of the picture: what a query gives to a key. Counted from 0. */
export interface Cell {
  readonly query: number;
  readonly key: number;
}
