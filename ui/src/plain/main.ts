// The pages that are whole without a script: accounts, people, the list of clips. It fills in the
// sign-in name, which the server takes for the name where it is empty, and shows the buttons that copy.
import { copyButtons } from '../parts/copy-buttons';
import { followName } from './follow-name';

const field = (name: string) => document.querySelector<HTMLInputElement>(`input[name=${name}]`);

const name = field('name');
const login = field('login');
if (name && login) followName(name, login);
copyButtons(document);
