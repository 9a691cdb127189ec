import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedRandom } from '../vault/fixture-file.ts';
import { newRecoveryKey, recoveryText, recoveryWords } from '../vault/recovery.ts';
import { recoveryKeyFrom } from './recovery-key-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-key-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = newRecoveryKey(fixedRandom('sheet'));
const words = recoveryWords(key);
const text = recoveryText(key);

const read = (content: string | Uint8Array) => {
  const path = join(folder, 'key.txt');
  writeFileSync(path, content);
  return recoveryKeyFrom(path, () => {});
};

test.each([
  ['words in one line', words.join(' ')],
  [
    'words in lines, with numbers, capitals and a remark',
    `# garage\n${words.map((w, i) => `${i + 1}) ${w.toUpperCase()}\r\n`).join('')}`,
  ],
  ['the beginnings of words', words.map((word) => word.slice(0, 4)).join(', ')],
  ['the text of the code', text],
  [
    'the text of the code, in groups, in a sheet with words around it',
    `Box:\n\n${text.match(/.{1,5}/g)!.join(' ')}\n\nkeep it dry`,
  ],
  ['a whole sheet with the words and the code', `${words.join('\n')}\n${text.toLowerCase()}\n`],
  ['what an editor on Windows saves', new Uint8Array(Buffer.from(`\uFEFF${words.join(' ')}`, 'utf16le'))],
])('%s are the key', async (_, content) => {
  expect(await read(content)).toEqual(key);
});

test('a slip is pointed at, and never repeated', async () => {
  const slip = words.with(7, words[7] === 'zebra' ? 'acid' : 'zebra');
  expect(read(slip.join(' '))).rejects.toThrow('The recovery words are not right. Look at word 8 again.');
  expect(read(words.slice(1).join(' '))).rejects.toThrow('There are 14 words; it must be 15.');
  expect(read(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).rejects.toThrow('A digit is wrong.');
  expect(read(text.slice(0, -3))).rejects.toThrow('It has 40 letters and digits after the colon.');
});

test.each([[words.join(' ')], [text]])(
  'the key itself in place of a file is refused, and not said again',
  async (typed) => {
    const refusal = await recoveryKeyFrom(typed, () => {}).catch((error: Error) => error.message);
    expect(refusal).toContain('wants the name of a file');
    expect(refusal).not.toContain(words[2]!);
    expect(refusal).not.toContain(text.slice(12, 20));
  },
);

test('what is no file, a folder or a film is told as that', async () => {
  expect(recoveryKeyFrom(join(folder, 'none'), () => {})).rejects.toThrow('there is no file');
  expect(recoveryKeyFrom(folder, () => {})).rejects.toThrow('names a folder');
  expect(read(new Uint8Array(100_000))).rejects.toThrow('too large to be a recovery key');
});
