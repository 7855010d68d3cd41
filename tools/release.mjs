// Makes the tarball of a release, and checks it.
//
//     npm run release -- --dry-run        does only that
//     npm run release                     also publishes; works only in .github/workflows/release.yml

import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { logOf, VARIANTS } from './build.mjs';
import { installPackages, npm } from './install.mjs';
import { StepFailed } from './long-step.mjs';
import { asCommand, PROJECT } from './project.mjs';
import { runStages } from './stages.mjs';

const FOLDER = join(PROJECT, 'build/release');
// Paths of different lengths and depths: if a path gets into a file, the two builds differ.
const CLEAN = [join(FOLDER, 'once'), join(FOLDER, 'and/once-again')];

/** The tag of the release, if this is the workflow that publishes. */
function publishedTag() {
  const { GITHUB_ACTIONS, GITHUB_WORKFLOW_REF = '', GITHUB_REF = '' } = process.env;
  const isWorkflow = /\/\.github\/workflows\/release\.yml@/.test(GITHUB_WORKFLOW_REF);
  const [, tag] = /^refs\/tags\/(v.+)$/.exec(GITHUB_REF) ?? [];
  return GITHUB_ACTIONS === 'true' && isWorkflow ? tag : undefined;
}

function expectNone(problems) {
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) throw new StepFailed(`${problems.length} problems found`);
}

async function release(tag) {
  // These modules import npm packages, which a fresh clone must install first.
  await installPackages(PROJECT, 'npm packages');
  const { buildClean } = await import('./release/clean-build.mjs');
  const { problemsOf } = await import('./release/manifest.mjs');
  const { describeSize, filesOf, sizeProblems } = await import('./release/size-budget.mjs');
  const tarballs = await import('./release/tarball.mjs');
  const { versionProblems } = await import('./release/versions.mjs');

  let tarball;
  let files;
  const stages = [
    {
      name: 'build',
      async run() {
        const path = await buildClean(CLEAN[0], logOf('release'));
        tarball = join(FOLDER, basename(path));
        copyFileSync(path, tarball);
        files = tarballs.unpack(tarball, join(FOLDER, 'package'));
        for (const [name, { length }] of files)
          console.log(`${String(length).padStart(8)}  ${name}`);
      },
    },
    { name: 'version', run: () => expectNone(versionProblems(CLEAN[0], tag)) },
    { name: 'contents', run: () => expectNone(tarballs.missingFrom(files)) },
    {
      name: 'size',
      run() {
        const dist = join(FOLDER, 'package/dist');
        for (const variant of VARIANTS) console.log(describeSize(filesOf(dist, variant)));
        expectNone(sizeProblems(dist, VARIANTS));
      },
    },
    { name: 'manifest', run: async () => expectNone(await problemsOf(tarball)) },
    { name: 'installed', run: () => expectNone(tarballs.problemsInUse(tarball)) },
    {
      name: 'reproducible',
      async run() {
        const again = await buildClean(CLEAN[1], logOf('release-again'));
        const others = tarballs.unpack(again, join(FOLDER, 'package-again'));
        const problems = tarballs.differences(files, others);
        if (!readFileSync(tarball).equals(readFileSync(again)))
          problems.push('the tarballs differ');
        expectNone(problems);
      },
    },
  ];
  await runStages(
    stages.map((stage) => ({ needs: stage.name === 'build' ? undefined : 'build', ...stage })),
    [],
  );
  console.log(tarball);
  return tarball;
}

await asCommand(async () => {
  const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' } } });
  const tag = publishedTag();
  if (!values['dry-run'] && tag === undefined) {
    throw new StepFailed(
      'Only .github/workflows/release.yml publishes, with provenance. It starts when a tag v<version> ' +
        'is pushed. To make and check the tarball here, run: npm run release -- --dry-run',
    );
  }
  const tarball = await release(tag);
  if (values['dry-run']) return;
  const { file, args } = npm('publish', tarball, '--provenance', '--access', 'public');
  execFileSync(file, args, { cwd: PROJECT, stdio: 'inherit' });
});
