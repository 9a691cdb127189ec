// A drawn picture as PNG bytes. Compression runs beside this thread; what is left here is a copy and a filter of some rows.

import { PNG } from 'pngjs';
import type { ColourPicture } from './confirm.ts';

/** A 320×180 picture takes 40–60 kB. */
export function pngOf({ width, height, data }: ColourPicture): Promise<Uint8Array> {
  const png = new PNG({ width, height, colorType: 2, inputHasAlpha: true, deflateLevel: 6, filterType: 4 });
  png.data.set(data);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    png.on('data', (chunk: Buffer) => chunks.push(chunk));
    png.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    png.on('error', reject);
    png.pack();
  });
}
