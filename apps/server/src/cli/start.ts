import { resolve } from 'node:path';
import { Command } from 'commander';
import { type Flags, loadSettings } from '../config/load.ts';
import type { RunningServer } from '../start/start.ts';
import { welcome } from '../start/welcome.ts';

/** `voxology start`: runs the server until Ctrl-C. */
export function startCommand(version: string): Command {
  return new Command('start')
    .description('Run the server.')
    .option('--data <DIR>', 'directory for the database and caches (./data)')
    .option('--http <HOST:PORT>', 'address of the API and the start page (127.0.0.1:8080)')
    .option('--sip <HOST:PORT>', 'address of SIP over UDP and TCP (127.0.0.1:5060)')
    .option('--rtp <HOST:LOW-HIGH>', 'address and ports of RTP (127.0.0.1:10000-19999)')
    .option('--advertise <ADDRESS>', 'public address behind NAT')
    .option('--config <FILE>', 'configuration file (JSON)')
    .addHelpText(
      'after',
      '\nEach is also an environment variable: VOXOLOGY_DATA, VOXOLOGY_HTTP, … and VOXOLOGY_CONFIG.',
    )
    .action(async (flags: Flags) => await runUntilSignal(flags, version));
}

async function runUntilSignal(flags: Flags, version: string): Promise<void> {
  let server: RunningServer;
  let graceMs: number;
  // A signal during the start must not leave half a server behind: it is served when the start is through.
  const signal = firstSignal();
  try {
    // The whole server, loaded only here: the other commands start without it.
    const { startServer } = await import('../start/start.ts');
    const settings = loadSettings(flags, process.env);
    graceMs = settings.limits.drain_s * 1000;
    server = await startServer(settings, version);
    console.log(welcome(server.quickstart, dataOption(settings.data), notes(server, settings.callbacks.allow_private)));
  } catch (error) {
    console.error(`Voxology did not start. ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
  await signal;
  console.log(`\n  No new calls. The live ones have ${graceMs / 1000} s to end; Ctrl-C again stops at once.`);
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  await server.stop(graceMs);
  console.log('  Stopped; every record is written.');
  process.exit(0);
}

/** What the phone must be told when the data are not where it looks by itself. */
function dataOption(data: string): string {
  return data === resolve('./data') ? '' : ` --data ${data}`;
}

function firstSignal(): Promise<void> {
  return new Promise((received) => {
    process.once('SIGINT', () => received());
    process.once('SIGTERM', () => received());
  });
}

function notes({ quickstartPath, recoveredCalls }: RunningServer, allowPrivate: readonly string[]): string[] {
  const lines = [
    `All of this is in ${quickstartPath}. Callbacks and audio may be fetched from public addresses and ${allowPrivate.join(', ') || 'no private ones'}.`,
  ];
  if (recoveredCalls > 0)
    lines.push(`Closed ${recoveredCalls} call${recoveredCalls === 1 ? '' : 's'} that an earlier process left open.`);
  return lines;
}
