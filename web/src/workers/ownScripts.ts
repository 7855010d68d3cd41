interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

let isAllowed = false;

/**
 * The Content-Security-Policy lets no text become a script's address (Trusted Types). Workers are the
 * exception, this page's and the engine's: the default policy passes what is of the page's own origin,
 * and nothing else. It has no rule for markup, so that stays forbidden.
 */
export function allowOwnScripts(): void {
  if (isAllowed) return;
  isAllowed = true;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, location.href).origin === location.origin) return url;
      throw new TypeError(`a script from elsewhere is not allowed: ${url}`);
    },
  });
}
