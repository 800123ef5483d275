/** What to play. `say` text is final (templates filled). */
export type PlaySource =
  | { kind: 'say'; text: string; voice: string | null; language: string | null }
  | { kind: 'url'; url: string };
