const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Choose another port, or stop the program that uses it.',
  EADDRNOTAVAIL: 'Write an address of this machine.',
  EACCES: 'Choose one that this user may use.',
};

/** Does one step of the start; when it fails, the error names the setting that leads to it. */
export async function naming<T>(setting: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const advice = ADVICE[code ?? ''];
    throw new Error(`Setting ${setting}: ${message}${advice === undefined ? '' : `. ${advice}`}`, { cause: error });
  }
}
