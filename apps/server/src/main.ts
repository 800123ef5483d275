#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { doctorCommand } from './cli/doctor.ts';
import { graphCommand } from './cli/graph.ts';
import { lintCommand } from './cli/lint.ts';
import { phoneCommand } from './cli/phone.ts';
import { replayCommand } from './cli/replay.ts';
import { schemaCommand } from './cli/schema.ts';
import { simulateCommand } from './cli/simulate.ts';
import { startCommand } from './cli/start.ts';
import { asTool } from './cli/tool.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('voxology')
  .description('Programmable voice on your own machine.')
  .version(version)
  // What stands behind a command is the command's: "schema --version 1.0".
  .enablePositionalOptions()
  .showHelpAfterError('voxology --help tells what there is.')
  .addCommand(startCommand(version))
  .addCommand(phoneCommand(version))
  .addCommand(asTool(lintCommand()))
  .addCommand(asTool(simulateCommand()))
  .addCommand(asTool(replayCommand()))
  .addCommand(asTool(graphCommand()))
  .addCommand(asTool(schemaCommand()))
  .addCommand(doctorCommand());

await program.parseAsync();
