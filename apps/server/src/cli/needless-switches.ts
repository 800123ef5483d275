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
