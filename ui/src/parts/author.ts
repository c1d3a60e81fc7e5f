/** Who wrote something, where only text can stand: a guest is marked as one. */
export function authorText({ name, member }: { name: string; member: boolean }): string {
  return member ? name : `${name} (guest)`;
}
