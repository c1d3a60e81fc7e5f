import { expect, test } from 'vitest';
import { quote, withQuote } from './quote';

test('a quotation is one line of Markdown that says exactly this', () => {
  expect(quote(' What we\n did  ')).toBe('> What we did\n\n');
  expect(quote('call *foo_bar* <now>')).toBe('> call \\*foo\\_bar\\* \\<now\\>\n\n');
  expect(quote('# not a heading')).toBe('> \\# not a heading\n\n');
  expect(quote('12. not a list')).toBe('> 12\\. not a list\n\n');
  expect(quote('12 apples - no list')).toBe('> 12 apples - no list\n\n');
});

test('it stands after what is already written', () => {
  expect(withQuote('', 'a')).toBe('> a\n\n');
  expect(withQuote('Hello  \n', 'a')).toBe('Hello\n\n> a\n\n');
});
