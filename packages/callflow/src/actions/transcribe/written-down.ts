import { text, textList } from '../../parameters/text.ts';

/** Parameters of every action that has speech written down. */
export const writtenDownParameters = {
  hints: textList({
    description:
      'Words and phrases that are likely to be said; some recognisers, pocketsphinx among them, understand nothing else then.',
  }),
  language: text({
    description: 'Language that is spoken, as in `en-US`; that of the speech recognition when not given.',
    default: null,
    blankIsNone: true,
  }),
};
