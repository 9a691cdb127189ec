// What updates ask of the file system, as an interface of their own: `app/` hands in the store's file layer, tests hand in a
// disk that fails. Here are also the few things that are done with it more than once.

export interface UpdateFile {
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Fills `into` from this place; fewer bytes only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>;
  sync(): Promise<void>;
  bytes(): Promise<number>;
  close(): Promise<void>;
}

export interface UpdateFiles {
  makeFolder(path: string): Promise<boolean>;
  /** Throws EEXIST when there is one of that name. */
  create(path: string): Promise<UpdateFile>;
  /** Throws ENOENT when there is none, and for what is no plain file. */
  open(path: string, how: 'read'): Promise<UpdateFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<boolean>;
  syncFolder(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
  makeExecutable(path: string): Promise<void>;
}

/** The bytes of a small file; undefined when it is missing, no plain file, or longer than that. Throws what the disk throws. */
export async function readSmall(files: UpdateFiles, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  let file: UpdateFile;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return undefined;
    throw error;
  }
  try {
    const bytes = await file.bytes();
    if (bytes > maxBytes) return undefined;
    const whole = new Uint8Array(bytes);
    return whole.subarray(0, await file.read(whole, 0));
  } finally {
    await file.close();
  }
}

/** Replaces a file whole: after it resolves a power cut finds the new content, before it the old. */
export async function replaceWhole(files: UpdateFiles, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${folder}/${name}.new`;
  await files.unlink(temporary);
  const file = await files.create(temporary);
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temporary, `${folder}/${name}`);
  await files.syncFolder(folder);
}
