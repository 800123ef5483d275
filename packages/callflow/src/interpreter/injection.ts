import type { Input } from '../io.ts';
import { compileInjected } from '../program/injected.ts';
import { runInjected } from './cycle.ts';
import { raise } from './events.ts';
import { injectedEvent } from './frames.ts';
import { interrupt } from './run.ts';
import { report, type Spot, type Step } from './step.ts';

type InjectActions = Extract<Input, { type: 'inject_actions' }>;

const INJECTED: Spot = { path: 'injected', action: null };

const WHEN = { now: 'now', after_current: 'after the current action', beside: 'beside the current action' };

/** A list of actions from outside: to be run now or after the current action, then the flow goes on. */
export function onInjectActions(step: Step, input: InjectActions): void {
  const { call } = step;
  if (call.phase.name === 'apologising' || call.phase.name === 'leaving') {
    report(step, 'warning', INJECTED, 'the call is ending; the injected actions are not run');
    return;
  }
  if (input.when !== 'now' && input.when !== 'after_current' && input.when !== 'beside') {
    refuse(step, '"when" is neither "now" nor "after_current" nor "beside"');
    return;
  }
  const compiled = compileInjected(input.actions, step.limits);
  if (!compiled.ok) {
    refuse(step, compiled.message);
    return;
  }
  const strand = call.strands[0];
  const { maxOpenLists } = step.limits;
  if (call.injected.length + (strand?.frames.length ?? 0) >= maxOpenLists) {
    refuse(step, `${maxOpenLists} lists are open or waiting already`);
    return;
  }
  const { program } = compiled;
  const { when } = input;
  const message = `${program.actionCount} actions put in, to run ${WHEN[when]}`;
  report(step, 'actions_injected', INJECTED, message, { when, action_count: program.actionCount });
  for (const warning of program.warnings) report(step, 'warning', warning, warning.message);
  // Whoever puts actions in from outside has waited for something.
  call.stepsWithoutWait = 0;
  if (when === 'beside') {
    raise(step, INJECTED, injectedEvent(call, program));
    return;
  }
  if (strand !== undefined && when === 'now') {
    interrupt(step, strand);
    call.injected = [program, ...call.injected];
  } else {
    call.injected = [...call.injected, program];
  }
  runInjected(step);
}

function refuse(step: Step, reason: string): void {
  report(step, 'document_rejected', INJECTED, `the injected actions are not run: ${reason}`);
}
