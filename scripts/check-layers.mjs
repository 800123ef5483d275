// A lint rule that matches nothing stays green for ever. So: plant one forbidden import per layer and see the rule fire.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run-step.mjs';

const FORBIDDEN = [
  ['packages/callflow/src', "import '@voxology/sip';"],
  ['packages/callflow/src', "import 'node:fs';"],
  ['packages/sip/src', "import '@voxology/media';"],
  ['packages/sip/src', "import '../../media/src/index.ts';"],
  ['packages/media/src', "import '@voxology/callflow';"],
  ['packages/store/src', "import '@voxology/telephony';"],
  ['packages/egress/src', "import '@voxology/speech';"],
  ['packages/speech/src', "import '@voxology/media';"],
  ['packages/telephony/src', "import '@voxology/api';"],
  ['packages/api/src', "import '@voxology/callflow';"],
];

/** Returns {ok, stdout, stderr}: ok when every planted import is reported. */
export function layersAreChecked() {
  const probes = FORBIDDEN.map(([folder, line], index) => ({ file: `${folder}/layering-probe-${index}.ts`, line }));
  try {
    for (const { file, line } of probes) writeFileSync(join(root, file), `${line}\n`);
    const files = probes.map(({ file }) => file);
    const { stdout, stderr } = run('biome', [
      'lint',
      '--colors=off',
      '--vcs-enabled=false',
      '--max-diagnostics=100',
      ...files,
    ]);
    const reported = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('noRestrictedImports'));
    const missed = probes.filter(({ file }) => !reported.some((line) => line.startsWith(`${file}:`)));
    const lines = missed.map(({ file, line }) => `not reported: ${line} in ${file}`);
    return { ok: missed.length === 0, stdout: lines.join('\n'), stderr: '' };
  } finally {
    for (const { file } of probes) rmSync(join(root, file), { force: true });
  }
}
