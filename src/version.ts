// The version this executable was built as; `make build` sets it, a run from source is called `dev`.

declare const NIGHTJAR_VERSION: string | undefined;

export const version: string = typeof NIGHTJAR_VERSION === 'string' ? NIGHTJAR_VERSION : 'dev';
