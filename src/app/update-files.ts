// The store's file layer, as updates ask for it: with the one thing more that an executable needs.

import { chmod } from 'node:fs/promises';
import { systemFileLayer } from '../store/file-layer.ts';
import type { UpdateFiles } from '../system/update/files.ts';

export const updateFiles: UpdateFiles = {
  ...systemFileLayer,
  makeExecutable: (path) => chmod(path, 0o700),
};
