/** Why the page cannot compute, for readers, and what they can do. */
export interface Failure {
  readonly says: string;
  readonly advice: string;
}

/** `hasWebAssembly`: whether the browser can compute at all. */
export function explainFailure(hasWebAssembly: boolean): Failure {
  return hasWebAssembly
    ? {
        says: 'The part of this page that computes could not be loaded.',
        advice: 'Check the connection and load the page again.',
      }
    : {
        says: 'This browser does not run WebAssembly, which this page computes with.',
        advice:
          'It may be switched off, as in a strict security mode. Allow it for this page, or open the page in another browser.',
      };
}
