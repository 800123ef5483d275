/** A fault of syntax, in words for people: what is wrong, and behind a semicolon what to write instead. */
export interface SyntaxFault {
  message: string;
  /** Into the expression. */
  offset: number;
}

const REGULAR = 'regular expressions are not allowed; use includes, startsWith, endsWith, indexOf or split';
export const ASSIGNMENT = 'an assignment ("=") is not allowed inside an expression; to compare, write "=="';
const ESCAPE = 'the backslash begins an escape that is not complete; write "\\\\" for a backslash itself';
const NUMBER = 'is no number; write digits, such as 12 or 0.5, or a text in quotes';

/** What people write who know it from elsewhere, and what it is here. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['and', 'write "&&"'],
  ['or', 'write "||"'],
  ['not', 'write "!" before the value, or "!="'],
  ['is', 'write "=="'],
  ['eq', 'write "=="'],
  ['equals', 'write "=="'],
  ['ne', 'write "!="'],
  ['mod', 'write "%"'],
  ['contains', "write $text.includes('part')"],
  ['like', "write $text.includes('part')"],
  ['matches', "write $text.includes('part')"],
  ['=~', "write $text.includes('part')"],
  ['~=', 'write $text.includes(\'part\'), or "!="'],
  ['then', 'leave it out: what is done then stands in "then" of the action'],
  ['<>', 'write "!="'],
  ['=<', 'write "<="'],
  ['->', 'write "."'],
  ['::', 'write "."'],
  ['..', 'write one "."'],
]);

/** Words that begin a statement. */
const STATEMENTS: ReadonlySet<string> = new Set([
  ...['if', 'else', 'for', 'while', 'do', 'switch', 'case', 'return', 'throw', 'try', 'let', 'const', 'var', 'break'],
  ...['continue', 'with', 'export', 'import', 'debugger'],
]);

/** Of what stands at a place; no more of it is looked at than that. */
const LONGEST_SHOWN = 20;

const CLOSED_BY: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** What the parser's own message means for whoever wrote the expression. */
export function syntaxFault(text: string, parserMessage: string, offset: number): SyntaxFault {
  const here = (message: string, at = offset): SyntaxFault => ({ message, offset: at });
  if (parserMessage === 'Unexpected token' || parserMessage.endsWith(' is reserved')) return unexpectedAt(text, offset);
  if (parserMessage.startsWith('Unexpected character')) return strangeCharacter(text, offset);
  if (parserMessage === 'Unterminated string constant') return openText(text, offset);
  if (parserMessage.startsWith('Unterminated template'))
    return here('the text in backquotes has no end; write "`" behind it', text.indexOf('`'));
  if (parserMessage === 'Unterminated comment') return here('the comment has no end; write "*/" behind it');
  if (/regular expression|^Invalid regex/i.test(parserMessage)) return here(REGULAR);
  if (/^Assigning to|left-hand side|^Shorthand property/.test(parserMessage)) {
    const equals = text.slice(offset).search(/(?<![=!<>])=(?![=>])/);
    return here(ASSIGNMENT, equals === -1 ? offset : offset + equals);
  }
  if (/^Identifier directly after|^Invalid number|^Expected number|^Numeric separator/.test(parserMessage)) {
    const start = offset - (/[\w.$]*$/.exec(text.slice(Math.max(0, offset - LONGEST_SHOWN), offset))?.[0].length ?? 0);
    return here(`"${/^[\w.$]*/.exec(text.slice(start, start + LONGEST_SHOWN))?.[0] ?? ''}" ${NUMBER}`, start);
  }
  if (/escape/i.test(parserMessage)) return here(ESCAPE, Math.max(0, text.lastIndexOf('\\', offset)));
  if (parserMessage.startsWith('Logical expressions and coalesce'))
    return here('"??" beside "||" or "&&" is ambiguous; put one of them in parentheses, as in ($a ?? 1) || $b');
  if (parserMessage.startsWith('Private field')) return here('names with "#" are not allowed; leave out the "#"');
  if (parserMessage.includes("'super'")) return here('"super" is not allowed; variables begin with $');
  return here(`${parserMessage.charAt(0).toLowerCase()}${parserMessage.slice(1)}; write a value made of $variables`);
}

/** Something that cannot stand where it stands, or the end of the text where more must come. */
export function unexpectedAt(text: string, at: number): SyntaxFault {
  const offset = at + (text.slice(at).length - text.slice(at).trimStart().length);
  const here = (message: string): SyntaxFault => ({ message, offset });
  const token = tokenAt(text, offset);
  const before = text.slice(0, offset).trimEnd();
  const last = /[\p{L}\p{N}_$]+$|[=!<>&|?+*%^~-]+$|.$/su.exec(before.slice(-LONGEST_SHOWN))?.[0] ?? '';
  if (token === '') return unfinished(before, last);
  const elsewhere = fromElsewhere(text, offset, token, before, last);
  if (elsewhere !== null) return elsewhere;
  if (token === ';') return here('only one expression is taken; leave out what stands behind ";"');
  if (/^[)\]}]$/.test(token)) return wrongEnd(text, offset, token, last);
  if (text.startsWith('...', offset)) return here('"..." stands outside of brackets; write [...$list]');
  if (/^[=!<>&|?+*%^~/:,.-]/.test(token)) return missingOperand(here, token, last);
  const what = shown(text, offset);
  if (last === '') return here(`"${what}" means nothing here; write a value made of $variables`);
  if (/['"]$/.test(last) && !/^['"`]/.test(token))
    return here(`"${what}" stands behind the end of a text; write a quote inside it as \\${last}, or an operator`);
  return here(`"${what}" stands behind a value; write an operator between them, such as == or &&, or quotes`);
}

/** What is written so in other languages, or in texts. */
function fromElsewhere(text: string, offset: number, token: string, before: string, last: string): SyntaxFault | null {
  // The first of two marks may have been taken for something else.
  const pair = ELSEWHERE.get(`${last}${token}`);
  const isPair = pair !== undefined && /^\W+$/.test(last);
  if (isPair) return { message: `there is no "${last}${token}"; ${pair}`, offset: before.length - last.length };
  const [first, second] =
    token === '!'
      ? [
          token,
          text
            .slice(offset + 1)
            .trimStart()
            .charAt(0),
        ]
      : [last, token.replace(/^([=&|]).*/s, '$1')];
  if (/^[=!&|]$/.test(first) && /^[=&|]$/.test(second))
    return { message: `a space parts "${first}" from "${second}"; write "${first}${second}"`, offset };
  const two = text.slice(offset, offset + 2);
  const [word, advice] = ELSEWHERE.has(two) ? [two, ELSEWHERE.get(two)] : [token, ELSEWHERE.get(token.toLowerCase())];
  if (advice !== undefined && !text.startsWith('...', offset))
    return { message: `"${word}" is not known here; ${advice}`, offset };
  if (last.toLowerCase() === 'not') return { message: '"not" is not known here; write "!"', offset: before.length - 3 };
  if (token === '{' && (last === '$' || last === '{' || last === ''))
    return {
      message: 'braces around a variable are for texts; in an expression write the variable alone, $name',
      offset,
    };
  const statement = [token, last].find((one) => STATEMENTS.has(one));
  if (statement === undefined) return null;
  return { message: `"${statement}" begins a statement; write a value only, as in $a == 1 ? 'x' : 'y'`, offset };
}

function unfinished(before: string, last: string): SyntaxFault {
  const offset = before.length;
  const open = openBrackets(before).at(-1);
  if (/[=!<>&|?:+*%^~/,.([{-]$/.test(last) || /^(?:typeof|in|new|instanceof|void|delete)$/.test(last))
    return { message: `the expression ends behind "${last}"; write a value there, such as $name, 1 or 'text'`, offset };
  if (open !== undefined) {
    const { mark, at } = open;
    return {
      message: `"${mark}" in column ${at + 1} is not closed; write "${CLOSED_BY[mark] ?? ''}" where it ends`,
      offset,
    };
  }
  if (before.includes('?')) return { message: '"?" without ":"; write condition ? value : otherwise', offset };
  return { message: 'the expression is not complete; write a value made of $variables', offset };
}

function wrongEnd(text: string, offset: number, token: string, last: string): SyntaxFault {
  const open = openBrackets(text.slice(0, offset)).at(-1);
  const isEmpty = last === '{' && text.slice(0, offset).trimEnd().endsWith('${');
  if (isEmpty) return { message: 'nothing stands inside of ${}; write a value there, such as $name', offset };
  if (open === undefined) return { message: `"${token}" closes nothing; leave it out, or open it before`, offset };
  if (CLOSED_BY[open.mark] === token)
    return {
      message: `a value is missing between "${last}" and "${token}"; write one, such as $name, 1 or 'text'`,
      offset,
    };
  return {
    message: `"${token}" does not close the "${open.mark}" in column ${open.at + 1}; write "${CLOSED_BY[open.mark] ?? ''}"`,
    offset,
  };
}

function missingOperand(here: (message: string) => SyntaxFault, token: string, last: string): SyntaxFault {
  if (last === '') return here(`the expression begins with "${token}"; write a value before it, such as $name`);
  return here(`a value is missing between "${last}" and "${token}"; write one, such as $name, 1 or 'text'`);
}

/** Letters from a word processor, and what cannot be seen, are told by name. */
function strangeCharacter(text: string, offset: number): SyntaxFault {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  if (/[“”„«»‘’‚‹›´]/.test(character))
    return { message: `${character} is a quote of printed text; write ' or "`, offset };
  if (/[–—−]/.test(character)) return { message: `${character} is a dash; write "-"`, offset };
  if (/[≠≤≥×÷]/.test(character)) return { message: `"${character}" is no operator; write !=, <=, >=, * or /`, offset };
  const isSeen = /[\p{L}\p{N}\p{P}\p{S}]/u.test(character);
  return {
    message: `${isSeen ? `"${character}"` : code} means nothing here; leave it out, or put a text in quotes`,
    offset,
  };
}

function openText(text: string, offset: number): SyntaxFault {
  const quote = text[offset] ?? "'";
  const isBroken = text.slice(offset + 1).includes('\n');
  const more = isBroken ? ' on the same line; write \\n for a new line' : `; write ${quote} behind it`;
  return { message: `the text that begins with ${quote} has no end${more}`, offset };
}

function tokenAt(text: string, offset: number): string {
  return /^(?:[\p{L}\p{N}_$]+|[=!<>&|?+*%^~-]+|.)/su.exec(text.slice(offset, offset + LONGEST_SHOWN))?.[0] ?? '';
}

function shown(text: string, offset: number): string {
  const rest = text.slice(offset);
  return rest.length > LONGEST_SHOWN ? `${rest.slice(0, LONGEST_SHOWN)}…` : rest;
}

/** The brackets that are open at the end of a text, outermost first; those inside of quotes are none. */
function openBrackets(text: string): { mark: string; at: number }[] {
  const open: { mark: string; at: number }[] = [];
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at] ?? '';
    if (quote !== '') {
      if (mark === '\\') at += 1;
      else if (mark === quote) quote = '';
    } else if (/['"`]/.test(mark)) quote = mark;
    else if (/[([{]/.test(mark)) open.push({ mark, at });
    else if (/[)\]}]/.test(mark)) open.pop();
  }
  return open;
}
