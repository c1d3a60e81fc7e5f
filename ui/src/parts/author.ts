/** Who wrote something. */
export interface Author {
  name: string;
  /** Whether they have an account. */
  member: boolean;
  /** Their sign-in name, where another member is called the same. */
  login?: string | null | undefined;
}

/** Who wrote something, where only text can stand: a guest is marked as one. */
export function authorText({ name, member, login }: Author): string {
  if (!member) return `${name} (guest)`;
  return login ? `${name}, sign-in name ${login}` : name;
}
