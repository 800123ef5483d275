const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port; choose another',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not use it',
};

/** Does one step of the start; when it fails, the error names the setting that leads to it. */
export async function naming<T>(setting: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS[code ?? ''];
    throw new Error(`Setting ${setting}: ${message}${reason === undefined ? '' : ` — ${reason}`}`, { cause: error });
  }
}
