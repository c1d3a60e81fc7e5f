import { expect, test } from 'vitest';
import { SECOND } from '../time';
import { chapterRow, taskRow, parseChapters, parseTasks, rowAt } from './rows';

const MINUTE = 60 * SECOND;

test('chapters are read in the order of their times', () => {
  const rows = [rowAt(40 * SECOND, 'Later'), { at: '0:05', text: ' First ' }];
  expect(parseChapters(rows, MINUTE)).toEqual({
    rows: [
      { start_us: 5 * SECOND, title: 'First' },
      { start_us: 40 * SECOND, title: 'Later' },
    ],
  });
});

test('a time that nobody typed anew keeps its fraction', () => {
  const chapter = { start_us: 83_400_000, title: 'A' };
  expect(parseChapters([chapterRow(chapter)], 2 * MINUTE)).toEqual({ rows: [chapter] });
  const moved = { ...chapterRow(chapter), at: '1:24' };
  expect(parseChapters([moved], 2 * MINUTE)).toEqual({
    rows: [{ start_us: 84 * SECOND, title: 'A' }],
  });
});

test('what is wrong is said of its row', () => {
  const wrong = (...rows: { at: string; text: string }[]) => {
    const read = parseChapters(rows, MINUTE);
    return 'wrong' in read ? read.wrong.row : undefined;
  };
  expect(wrong({ at: '0:01', text: '' }, { at: 'soon', text: 'A' })).toBe(1);
  expect(wrong({ at: '0:01', text: 'A' }, { at: '1:01', text: 'B' }), 'past the end').toBe(1);
  expect(wrong({ at: '0:01', text: 'A' }, { at: '0:01', text: 'B' }), 'twice the same time').toBe(
    1,
  );
  expect(wrong({ at: 'soon', text: '  ' }), 'a row without words says nothing').toBeUndefined();
});

test('tasks keep who and when, if somebody said so', () => {
  const tasks = [
    { at_us: 1 * SECOND, text: 'Write it down', owner: 'Ada', due: 'Friday' },
    { at_us: 2 * SECOND, text: 'Send it' },
  ];
  expect(parseTasks(tasks.map(taskRow), MINUTE)).toEqual({ rows: tasks });
});
