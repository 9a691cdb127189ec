// A file layer with only so much room, for tests where no small disk can be mounted.

import { type FileLayer, type LayerFile, systemFileLayer } from '../store/file-layer.ts';

export function quotaLayer(maxBytes: number): { readonly layer: FileLayer; freeBytes(): number } {
  const sizes = new Map<string, number>();
  const used = () => [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const wrap = (path: string, file: LayerFile): LayerFile => ({
    ...file,
    async write(bytes, at) {
      const size = sizes.get(path) ?? 0;
      const room = maxBytes - used() + size - at;
      const fits = Math.max(0, Math.min(bytes.length, room));
      await file.write(bytes.subarray(0, fits), at);
      sizes.set(path, Math.max(size, at + fits));
      if (fits < bytes.length) throw Object.assign(new Error('quota'), { code: 'ENOSPC' });
    },
    async truncate(bytes) {
      await file.truncate(bytes);
      sizes.set(path, bytes);
    },
  });
  const layer: FileLayer = {
    ...systemFileLayer,
    create: async (path) => wrap(path, await systemFileLayer.create(path)),
    open: async (path, how) => wrap(path, await systemFileLayer.open(path, how)),
    unlink: async (path) => {
      sizes.delete(path);
      return await systemFileLayer.unlink(path);
    },
  };
  return { layer, freeBytes: () => maxBytes - used() };
}
