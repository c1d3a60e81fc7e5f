// Quotations of the transcript in a reply.

/** Text as a Markdown block quote, with all Markdown in it escaped. */
export function quote(text: string): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  const safe = plain.replace(/[\\`*_[\]<>~|]/g, '\\$&').replace(/^(\d*)([#+.)-])/, '$1\\$2');
  return `> ${safe}\n\n`;
}

/** A draft with a quotation at its end. */
export function withQuote(draft: string, text: string): string {
  const before = draft.trimEnd();
  return before === '' ? quote(text) : `${before}\n\n${quote(text)}`;
}
