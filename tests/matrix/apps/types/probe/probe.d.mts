export function probe(package_: object): Promise<unknown>;
export function settled(work: Promise<unknown>): Promise<unknown>;
