/** The actions that a switch is about: where none of them is, it says nothing. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  transfer: ['TRANSFER'],
  calleePress: ['TRANSFER', 'QUEUE'],
  calleeSays: ['TRANSFER', 'QUEUE'],
  calleeDeclines: ['TRANSFER', 'QUEUE'],
  conference: ['CONFERENCE'],
  queue: ['QUEUE'],
  agent: ['QUEUE'],
  recording: ['RECORD'],
  stream: ['STREAM'],
  party: ['DETECT', 'VOICEMAIL'],
  http: ['HTTP'],
  messageError: ['SMS'],
};

/** Tells of the switches whose actions stand in none of the documents that the flow was answered with. */
export function needlessSwitches(given: object, callbacks: readonly { readonly answer: string | null }[]): string[] {
  const documents = callbacks.flatMap(({ answer }) => answer ?? []);
  if (documents.length === 0) return [];
  return Object.keys(given).flatMap((option) => {
    const actions = Object.hasOwn(ACTIONS, option) ? (ACTIONS[option] ?? []) : [];
    if (actions.length === 0 || documents.some((text) => actions.some((action) => text.includes(action)))) return [];
    const name = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return [`--${name} is of no use here: the flow has no ${actions.join(' and no ')}.`];
  });
}

/** By which the switches that may be repeated say for whom they are; without it one is for all. */
const FOR_WHOM: Readonly<Record<string, string>> = {
  transfer: 'no',
  agent: 'no',
  conference: 'name',
  queue: 'name',
  recording: 'name',
  stream: 'url',
};

/** Tells of repeated switches that never count, since one for all stands before them. */
export function hiddenSwitches(given: object): string[] {
  return Object.entries(given).flatMap(([option, list]: [string, unknown]) => {
    const field = Object.hasOwn(FOR_WHOM, option) ? FOR_WHOM[option] : undefined;
    if (field === undefined || !Array.isArray(list)) return [];
    const forAll = list.findIndex((one: object) => !Object.hasOwn(one, field));
    if (forAll === -1 || forAll === list.length - 1) return [];
    return [
      `--${option} without ${field}= is for all, each time: what stands behind it never counts. Write ${field}=… into those before the last.`,
    ];
  });
}
