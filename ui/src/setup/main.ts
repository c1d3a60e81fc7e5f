// The page on which accounts are made. Without this script the sign-in name is left empty, which
// the server takes for the name.
import { followName } from './follow-name';

const field = (name: string) => document.querySelector<HTMLInputElement>(`input[name=${name}]`);

const name = field('name');
const login = field('login');
if (name && login) followName(name, login);
