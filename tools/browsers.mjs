// Finds the browsers that the tests drive. The variables CHROMIUM, FIREFOX and WEBKIT_DRIVER name them; else
// they are on PATH; else Debian's packages are installed. Playwright's own builds are not needed.

import { join } from 'node:path';
import { ensureDebianPackages, isDebianLike, onPath } from './debian-packages.mjs';
import { StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const BROWSERS = {
  chromium: {
    variable: 'CHROMIUM',
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
  },
  firefox: {
    variable: 'FIREFOX',
    programs: ['firefox-esr', 'firefox'],
    debianPackage: 'firefox-esr',
  },
  // WebKitGTK stands for Safari. The package of the driver brings the browser, which needs a display.
  webkit: {
    variable: 'WEBKIT_DRIVER',
    programs: ['WebKitWebDriver'],
    debianPackage: 'webkit2gtk-driver',
    alsoNeeded: { xvfb: 'xvfb-run', xauth: 'xauth' },
  },
  // The virtual display for WebKit.
  xvfb: { variable: 'XVFB', programs: ['Xvfb'], debianPackage: 'xvfb' },
};

/** The path of 'chromium', 'firefox', 'webkit' (its driver) or 'xvfb', if it is installed. */
export function findBrowser(name) {
  const { variable, programs } = BROWSERS[name];
  return process.env[variable] || onPath(...programs);
}

/** Installs the browsers that are missing, if that is allowed. Resolves to { VARIABLE: path }. */
export async function installBrowsers(...names) {
  if (isDebianLike()) {
    const wanted = names.flatMap((name) => {
      const { debianPackage, alsoNeeded = {} } = BROWSERS[name];
      const others = Object.entries(alsoNeeded);
      return [
        [debianPackage, () => findBrowser(name)],
        ...others.map(([needed, program]) => [needed, () => onPath(program)]),
      ];
    });
    const log = join(PROJECT, 'build/logs/browsers.log');
    await ensureDebianPackages(wanted, { why: 'Testing in browsers', log });
  }
  const paths = names.map((name) => {
    const path = findBrowser(name);
    const { variable } = BROWSERS[name];
    if (!path)
      throw new StepFailed(`${name} is not installed. Install it, or set ${variable} to its path.`);
    return [variable, path];
  });
  return Object.fromEntries(paths);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => console.log(await installBrowsers(...Object.keys(BROWSERS))));
}
