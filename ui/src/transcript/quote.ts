// What was said, quoted in a reply.

/** As a Markdown quotation that says exactly this. */
export function quote(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  const safe = plain.replace(/[\\`*_[\]<>~|]/g, '\\$&').replace(/^(\d*)([#+.)-])/, '$1\\$2');
  return `> ${safe}\n\n`;
}

/** A quotation at the end of what is being written. */
export function withQuote(draft: string, text: string): string {
  const before = draft.trimEnd();
  return before === '' ? quote(text) : `${before}\n\n${quote(text)}`;
}
