/** How long a button says that the text is copied. */
const COPIED_MS = 2000;

/** Browsers offer the clipboard on https and localhost only; elsewhere the text is selected. */
async function copy(text: string, shown: Element | null): Promise<boolean> {
  if ('clipboard' in navigator) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  if (shown) getSelection()?.selectAllChildren(shown);
  return false;
}

/** Shows the buttons that copy what stands before them, and has them say that it is copied. */
export function copyButtons(page: ParentNode): void {
  for (const button of page.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
    const label = button.textContent;
    const said = document.createElement('span');
    said.className = 'visually-hidden';
    said.role = 'status';
    button.after(said);
    button.hidden = false;
    button.addEventListener('click', () => {
      void copy(button.dataset['copy'] ?? '', button.previousElementSibling).then((copied) => {
        const text = copied ? 'Copied' : 'Press Ctrl+C to copy';
        [button.textContent, said.textContent] = [text, text];
        setTimeout(() => ([button.textContent, said.textContent] = [label, '']), COPIED_MS);
      });
    });
  }
}
