declare const factory: unknown;
export default factory;
export declare const version: string;
