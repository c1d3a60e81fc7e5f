// The one door from the desktop window to its shell.

/** What the shell offers. */
export interface Host {
  /** Puts text on the clipboard. */
  copy(text: string): Promise<void>;
}
