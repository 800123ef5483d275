/** True for keys that hold remarks: `comment`, `comments`, `comment:params:no`. */
export function isComment(key: string): boolean {
  return /^comments?(?:$|[:_-])/i.test(key);
}
