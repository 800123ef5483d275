// Runs before `npm start`, `npm test`, `npm run e2e` and `npm run bench`, under whatever Node the machine has:
// installs what is missing, so that each of them is one command on a fresh clone. Does nothing when all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const REQUIRED_NODE_MAJOR = 24;
/** Debian packages by the program that shows they are there. Only the tests and benchmarks need them. */
const SYSTEM_PACKAGES = {
  '--test': {
    sipp: 'sip-tester',
    baresip: 'baresip-core',
    ffmpeg: 'ffmpeg',
    'multimon-ng': 'multimon-ng',
    pocketsphinx_batch: 'pocketsphinx pocketsphinx-en-us',
    chromium: 'chromium',
    'g++': 'g++',
  },
  '--bench': { sipp: 'sip-tester', gcc: 'gcc', 'g++': 'g++', ip: 'iproute2', taskset: 'util-linux' },
};

installNodePackages();
checkRuntime();
for (const [flag, programs] of Object.entries(SYSTEM_PACKAGES)) {
  if (process.argv.includes(flag)) installSystemPackages(programs);
}
buildPacketIo();

function installNodePackages() {
  const lockHash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = join(root, 'node_modules', '.voxology-install');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash) return;
  console.error('Installing packages (once) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('npm ci failed: see the lines above. Voxology needs npm and a way to reach the npm registry.');
    process.exit(1);
  }
  writeFileSync(stamp, lockHash);
}

/** Quick when nothing changed. Without a compiler the server uses Node's own sockets; `voxology doctor` tells why. */
function buildPacketIo() {
  spawnSync(process.execPath, [join(root, 'packages/media/scripts/build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function checkRuntime() {
  const bundled = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(bundled)) return;
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_NODE_MAJOR) return;
  console.error(
    `Voxology runs on Node ${REQUIRED_NODE_MAJOR}. npm brings it on Linux (x64, arm64) and Windows; on ${process.platform}-${process.arch} ` +
      `please install Node ${REQUIRED_NODE_MAJOR} yourself (this is ${process.versions.node}).`,
  );
  process.exit(1);
}

function installSystemPackages(programs) {
  const missing = Object.entries(programs).filter(([program]) => !onPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap(([, debianPackages]) => debianPackages.split(' ')))];
  const asRoot = process.getuid?.() === 0 ? [] : onPath('sudo') ? ['sudo', '-n'] : null;
  if (!onPath('apt-get') || asRoot === null) {
    console.error(
      `Missing test programs: please install ${packages.join(', ')} (Debian package names), then run this again.`,
    );
    return;
  }
  console.error(`Installing ${packages.join(', ')} …`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const apt = (...args) => {
    const [command, ...rest] = [...asRoot, 'apt-get', ...args];
    return spawnSync(command, rest, options).status === 0;
  };
  apt('update', '-qq');
  if (!apt('install', '-y', '-qq', '--no-install-recommends', ...packages)) {
    console.error(
      `Could not install ${packages.join(', ')}: the tests that need them will fail and name what they miss.`,
    );
  }
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, program)));
}
