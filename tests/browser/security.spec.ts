import { expect, test } from './examplePage.ts';

test('the page brings its own strict policy', async ({ page, example }) => {
  await expect(example.next).toBeVisible();
  const policy = await page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute('content');
  const directives = policy?.split('; ');
  expect(directives).toContain("default-src 'none'");
  expect(directives).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(directives).toContain("style-src 'self'");
  expect(directives).toContain("require-trusted-types-for 'script'");
  expect(policy).not.toContain("'unsafe-");
});

test.describe('what the policy forbids', () => {
  test.use({ tolerated: /Content Security Policy|TrustedHTML|TrustedScript/ });

  test('inline styles, other origins, evaluation and HTML from strings', async ({
    page,
    example,
  }) => {
    await expect(example.next).toBeVisible();
    const violated = await page.evaluate(async () => {
      const directives = new Set<string>();
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        directives.add(effectiveDirective),
      );
      const attempts: (() => unknown)[] = [
        () => document.body.setAttribute('style', 'color: red'),
        () => fetch('https://example.com/'),
        () => setTimeout('globalThis.evaluated = true'),
        () => {
          document.createElement('div').innerHTML = '<b>x</b>';
        },
      ];
      for (const attempt of attempts) {
        try {
          await attempt();
        } catch {}
      }
      await new Promise((done) => setTimeout(done, 100));
      const evaluated = 'evaluated' in globalThis;
      return { directives: [...directives].sort(), evaluated };
    });
    expect(violated).toEqual({
      directives: ['connect-src', 'require-trusted-types-for', 'style-src-attr'],
      evaluated: false,
    });
  });
});

test('the markup has no inline script and no style attribute', async ({ request }) => {
  const html = await (await request.get('./')).text();
  expect(html).not.toMatch(/\sstyle="/);
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/\son[a-z]+="/);
  expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

test('everything is asked of the page’s own origin, by relative paths', async ({
  page,
  request,
}) => {
  const html = await (await request.get('./')).text();
  const addresses = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
  expect(addresses.length).toBeGreaterThan(3);
  for (const address of addresses) expect(address).toMatch(/^\.\//);

  const origins = new Set<string>();
  page.on('request', (request) => origins.add(new URL(request.url()).origin));
  await page.goto('./');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect([...origins]).toEqual([new URL(page.url()).origin]);
});
