/** Work of a simulation; gives out the promises it has to wait for, and is given what they hold. */
export type Progress = Generator<Promise<unknown>, void, unknown>;

/** Does the work, waiting where it has to. */
export async function runWaiting(progress: Progress): Promise<void> {
  let step = progress.next();
  while (step.done !== true) {
    try {
      const value = await step.value;
      step = progress.next(value);
    } catch (error) {
      step = progress.throw(error);
    }
  }
}

/** Does the work where nothing is to be waited for; @throws TypeError with `message` when something is. */
export function runAtOnce(progress: Progress, message: string): void {
  if (progress.next().done !== true) throw new TypeError(message);
}
