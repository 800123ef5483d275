import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Packages that have another main file for browsers. */
const FOR_BROWSERS: Readonly<Record<string, string>> = { debug: 'debug/src/browser.js', events: 'events/events.js' };
const REQUIRE = /\brequire\(['"]([^'"]+)['"]\)/g;

/** A CommonJS module (its URL) with all it requires, as one script for a page, where it becomes the global `as`. */
export function browserBundle(url: string, as: string): string {
  const modules = new Map<string, string>();
  const main = fileURLToPath(url);
  add(modules, main);
  return `(() => {
  const modules = {
${[...modules].map(([file, entry]) => `${JSON.stringify(file)}: ${entry}`).join(',\n')}
  };
  const made = {};
  const load = (file) => {
    if (made[file] === undefined) {
      made[file] = { exports: {} };
      const [run, names] = modules[file];
      run(made[file], made[file].exports, (name) => load(names[name]));
    }
    return made[file].exports;
  };
  window.${as} = load(${JSON.stringify(main)});
})();`;
}

function add(modules: Map<string, string>, file: string): void {
  if (modules.has(file)) return;
  modules.set(file, '');
  const code = readFileSync(file, 'utf8');
  const names: Record<string, string> = {};
  for (const [, name = ''] of code.matchAll(REQUIRE)) {
    const found = resolve(file, name);
    names[name] = found;
    add(modules, found);
  }
  const body = file.endsWith('.json') ? `module.exports = ${code};` : code;
  modules.set(file, `[(module, exports, require) => {${body}\n}, ${JSON.stringify(names)}]`);
}

function resolve(from: string, name: string): string {
  return createRequire(from).resolve(FOR_BROWSERS[name] ?? name);
}
