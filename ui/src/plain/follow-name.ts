/** Fills the sign-in name in from the name, until somebody changes it; emptied, it follows again. */
export function followName(name: HTMLInputElement, login: HTMLInputElement): void {
  // After a refusal the page comes with what was typed.
  let follows = login.value === '' || login.value === name.value;
  const follow = () => {
    if (follows) login.value = name.value;
  };
  name.addEventListener('input', follow);
  login.addEventListener('input', () => {
    follows = login.value === '';
  });
  follow();
}
