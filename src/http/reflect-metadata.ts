// The few `Reflect` metadata functions (a proposal that never became JavaScript) that `@peculiar/x509`'s dependency
// container wants to find before it is loaded. Nothing else may rely on them. `acme-client` brings the whole set, which takes
// these over when it is loaded after them: it asks for the keys, too.

interface MetadataFunctions {
  getMetadata?: (key: unknown, target: object) => unknown;
  getOwnMetadata?: (key: unknown, target: object, property?: unknown) => unknown;
  getOwnMetadataKeys?: (target: object, property?: unknown) => readonly unknown[];
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** Call before `import('@peculiar/x509')`. Does nothing where they exist. */
export function provideReflectMetadata(): void {
  const reflect = Reflect as MetadataFunctions;
  if (reflect.getMetadata) return;
  const store = new WeakMap<object, Map<unknown, unknown>>();
  reflect.getOwnMetadata = (key, target) => store.get(target)?.get(key);
  reflect.getOwnMetadataKeys = (target, property) =>
    property === undefined ? [...(store.get(target)?.keys() ?? [])] : [];
  reflect.getMetadata = (key, target) => {
    for (let at: object | null = target; at; at = Object.getPrototypeOf(at)) {
      const known = store.get(at);
      if (known?.has(key)) return known.get(key);
    }
    return undefined;
  };
  reflect.defineMetadata = (key, value, target) => {
    const known = store.get(target) ?? new Map();
    store.set(target, known.set(key, value));
  };
}
