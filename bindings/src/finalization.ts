/** What a FinalizationRegistry does for us. */
type Registry<Held> = Pick<FinalizationRegistry<Held>, 'register' | 'unregister'>;

const NONE: Registry<never> = { register() {}, unregister: () => false };

/**
 * Calls `cleanUp` for what was forgotten. Some hosts have no FinalizationRegistry, such as workerd before
 * 2025-05-05: there only dispose() gives memory back.
 */
export function finalization<Held>(cleanUp: (held: Held) => void): Registry<Held> {
  return typeof FinalizationRegistry === 'function' ? new FinalizationRegistry(cleanUp) : NONE;
}
