// Keeps the page usable without a network. With a network, index.html always comes from there, so that
// readers see the latest deployment. Assets have a hash of their content in their names and come from the
// cache. plugins/serviceWorker.ts inserts the list of files and its version.

declare const PRECACHE: { readonly version: string; readonly files: readonly string[] };
declare const self: ServiceWorkerGlobalScope;

const { version, files } = PRECACHE;

/** Caches belong to the whole origin, which may have another copy of this page in another folder. */
const PREFIX = `qkv ${self.registration.scope} `;
const CACHE = PREFIX + version;
const INDEX = addressOf('index.html');

self.addEventListener('install', (event) => event.waitUntil(keepAll()));
self.addEventListener('activate', (event) => event.waitUntil(dropOldCaches()));
self.addEventListener('fetch', (event) => {
  const answer = answerTo(event.request);
  if (answer) event.respondWith(answer);
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(CACHE);
  const requests = files.map(
    (file) => new Request(addressOf(file), { cache: isAsset(file) ? 'default' : 'no-cache' }),
  );
  await cache.addAll(requests);
}

async function dropOldCaches(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** undefined leaves the request to the browser. */
function answerTo(request: Request): Promise<Response> | undefined {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return undefined;
  const address = origin + pathname;
  if (address === self.registration.scope) return fromNetwork(request, INDEX);
  const file = files.find((each) => addressOf(each) === address);
  if (file === undefined) return undefined;
  return isAsset(file) ? fromCache(request) : fromNetwork(request, address);
}

async function fromNetwork(request: Request, kept: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const response = await caches.match(kept, { cacheName: CACHE });
    if (response) return response;
    throw error;
  }
}

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

function isAsset(file: string): boolean {
  return file.startsWith('assets/');
}

function addressOf(file: string): string {
  return new URL(file, self.registration.scope).href;
}

export {}; // makes this a module for TypeScript
