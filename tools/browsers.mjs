// The browsers that the tests drive: the ones named by CHROMIUM, FIREFOX and WEBKIT_DRIVER, else those on
// PATH, else Debian's. Playwright's own builds are not needed.

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
  // Safari's family: the driver brings its browser, which needs a display.
  webkit: {
    variable: 'WEBKIT_DRIVER',
    programs: ['WebKitWebDriver'],
    debianPackage: 'webkit2gtk-driver',
    alsoNeeded: { xvfb: 'xvfb-run', xauth: 'xauth' },
  },
  // The screen that WebKit is drawn on.
  xvfb: { variable: 'XVFB', programs: ['Xvfb'], debianPackage: 'xvfb' },
};

/** The path of a browser ('chromium', 'firefox', the driver of 'webkit', 'xvfb') if it is installed. */
export function findBrowser(name) {
  const { variable, programs } = BROWSERS[name];
  return process.env[variable] || onPath(...programs);
}

/** The paths of the browsers, by the name of their variable; missing ones are installed if allowed. */
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
    if (!path) throw new StepFailed(`no ${name} here: install it, or set ${variable} to its path`);
    return [variable, path];
  });
  return Object.fromEntries(paths);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => console.log(await installBrowsers(...Object.keys(BROWSERS))));
}
