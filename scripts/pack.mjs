// Packs one of our packages for npm: compiled to JavaScript with declarations. node scripts/pack.mjs PACKAGE OUT_DIR
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './run-step.mjs';

/** Builds and packs `packages/NAME`; returns the path of the tarball. Throws with the compiler's output when it fails. */
export function pack(name, outDir) {
  const source = join(root, 'packages', name);
  const stage = mkdtempSync(join(tmpdir(), `voxology-pack-${name}-`));
  try {
    const config = join(source, 'tsconfig.pack.json');
    writeFileSync(
      config,
      JSON.stringify({
        extends: '../../tsconfig.json',
        compilerOptions: {
          noEmit: false,
          declaration: true,
          outDir: join(stage, 'dist'),
          rootDir: 'src',
          rewriteRelativeImportExtensions: true,
          typeRoots: [join(root, 'node_modules', '@types')],
        },
        include: ['src'],
        exclude: ['src/**/*.test.ts', 'src/testing'],
      }),
    );
    const compiled = run('tsc', ['-p', config]);
    rmSync(config);
    if (!compiled.ok) throw new Error(`tsc failed for ${name}:\n${compiled.stdout}${compiled.stderr}`);
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
    manifest.exports = { ...manifest.exports, '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
    manifest.files = ['dist', 'schema'];
    manifest.engines = { node: '>=20' };
    writeFileSync(join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
    const schemas = join(source, 'schema');
    if (existsSync(schemas)) cpSync(schemas, join(stage, 'schema'), { recursive: true });
    if (existsSync(join(source, 'README.md'))) cpSync(join(source, 'README.md'), join(stage, 'README.md'));
    cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
    mkdirSync(outDir, { recursive: true });
    const packed = run('npm', ['pack', '--silent', '--pack-destination', resolve(outDir)], stage);
    if (!packed.ok) throw new Error(`npm pack failed for ${name}:\n${packed.stderr}`);
    return join(resolve(outDir), packed.stdout.trim().split('\n').at(-1));
  } finally {
    rmSync(stage, { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [name, outDir = '.'] = process.argv.slice(2);
  console.log(pack(name, outDir));
}
