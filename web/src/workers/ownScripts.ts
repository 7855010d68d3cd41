interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
}

let isAllowed = false;

/**
 * The Content-Security-Policy forbids text as the address of a script (Trusted Types). The workers of the
 * page and of the engine need an exception: the default policy allows addresses of the page's origin and
 * nothing else. It has no rule for markup, which stays forbidden.
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
