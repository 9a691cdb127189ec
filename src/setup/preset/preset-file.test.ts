import { expect, test } from 'bun:test';
import { readVersion, wasRead } from './preset-file.ts';

test.each([
  ['a file that sets something', '[box]\nname = "x"\n'],
  ['a word that is no TOML', 'e'],
  ['a password that stands alone', 'hunter2222\r\n'],
  ['nothing', ''],
])('%s is read once, however it was saved, and stays as it then is', (_, text) => {
  for (const bytes of [Buffer.from(text), Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le')]) {
    const kept = readVersion(bytes).bytes;
    expect(wasRead(kept)).toBe(true);
    expect(Buffer.from(readVersion(kept).bytes).equals(Buffer.from(kept))).toBe(true);
    expect(Buffer.from(kept).toString('latin1').replaceAll('\0', '')).not.toContain('hunter2222');
  }
});
