// Files of the page that the build puts into `web/dist`, imported by `embedded-assets.ts`. Their value is a path: of the file, or
// inside the executable.

declare module '*/web/dist/index.html' {
  const path: string;
  export default path;
}
declare module '*/web/dist/app.js' {
  const path: string;
  export default path;
}
declare module '*/web/dist/vault-worker.js' {
  const path: string;
  export default path;
}
declare module '*/web/dist/app.css' {
  const path: string;
  export default path;
}
declare module '*/web/dist/icon.svg' {
  const path: string;
  export default path;
}
declare module '*/web/dist/manifest.webmanifest' {
  const path: string;
  export default path;
}
declare module '*.png' {
  const path: string;
  export default path;
}
