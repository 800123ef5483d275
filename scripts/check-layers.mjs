// A lint rule that matches nothing stays green for ever. So: plant one forbidden import per layer and see the rule fire.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run-step.mjs';

const FORBIDDEN = [
  ['packages/callflow/src', "import '@voxology/sip';"],
  ['packages/callflow/src', "import 'node:fs';"],
  ['packages/sip/src', "import '@voxology/media';"],
  ['packages/media/src', "import '@voxology/callflow';"],
  ['packages/store/src', "import '@voxology/telephony';"],
  ['packages/egress/src', "import '@voxology/speech';"],
  ['packages/speech/src', "import '@voxology/media';"],
  ['packages/telephony/src', "import '@voxology/api';"],
  ['packages/api/src', "import '@voxology/callflow';"],
  ['packages/sip/src', "import '../../media/src/index.ts';"],
];

/** Returns {ok, stdout, stderr}: ok when every planted import is reported. */
export function layersAreChecked() {
  const missed = [];
  for (const [folder, line] of FORBIDDEN) {
    const file = join(root, folder, 'layering-probe.ts');
    writeFileSync(file, `${line}\n`);
    try {
      const { stdout, stderr } = run('biome', ['lint', '--colors=off', '--vcs-enabled=false', file]);
      if (!`${stdout}${stderr}`.includes('noRestrictedImports')) missed.push(`${folder}: ${line}`);
    } finally {
      rmSync(file);
    }
  }
  return { ok: missed.length === 0, stdout: missed.map((m) => `not reported: ${m}`).join('\n'), stderr: '' };
}
