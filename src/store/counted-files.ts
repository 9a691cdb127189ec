// A file layer that counts the bytes it is asked to write: what the store itself costs a card, beside what others write to it.

import type { FileLayer, LayerFile } from './file-layer.ts';

export interface CountedFiles {
  readonly files: FileLayer;
  /** Since it was made. Of a write that fails nothing counts. */
  writtenBytes(): number;
}

export function countedFiles(files: FileLayer): CountedFiles {
  let bytes = 0;
  const counted = (file: LayerFile): LayerFile => ({
    ...file,
    async write(what, at) {
      await file.write(what, at);
      bytes += what.length;
    },
  });
  return {
    files: {
      ...files,
      create: async (path) => counted(await files.create(path)),
      open: async (path, how) => {
        const file = await files.open(path, how);
        return how === 'read' ? file : counted(file);
      },
    },
    writtenBytes: () => bytes,
  };
}
