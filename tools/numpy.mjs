// Finds a Python with NumPy: the one that PYTHON names, else one on PATH, else Debian's. The tests run the
// NumPy code that the page writes.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureDebianPackages, isDebianLike } from './debian-packages.mjs';
import { StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const PROGRAMS = ['python3', '/usr/bin/python3'];

/** Installs NumPy if it is missing and that is allowed. Resolves to { PYTHON: path }. */
export async function installNumpy() {
  if (isDebianLike()) {
    await ensureDebianPackages([['python3-numpy', () => findPython() !== undefined]], {
      why: 'Testing the NumPy code of the page',
      log: join(PROJECT, 'build/logs/numpy.log'),
    });
  }
  const python = findPython();
  if (!python)
    throw new StepFailed(
      'No Python with NumPy was found. Install NumPy, or set PYTHON to the path of a Python that has it.',
    );
  return { PYTHON: python };
}

function findPython() {
  const candidates = process.env.PYTHON ? [process.env.PYTHON] : PROGRAMS;
  return candidates.find((program) => {
    const { status } = spawnSync(program, ['-c', 'import numpy'], { stdio: 'ignore' });
    return status === 0;
  });
}

if (isCommand(import.meta.url)) await asCommand(async () => console.log(await installNumpy()));
