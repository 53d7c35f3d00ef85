// Where a worker's entry file is: beside its caller in the source tree, flat in out/main after the build.

/**
 * URL of a worker entry for `new Worker(url)`. Entries are called `*-worker.ts`; their names are unique in the tree
 * because the build puts them side by side (electron.vite.config.ts finds them by that name).
 *
 * @param callerUrl the caller's `import.meta.url`
 * @param sourcePath the entry relative to the caller's source file, e.g. `./store-worker.ts`
 */
export function workerEntry(callerUrl: string, sourcePath: `./${string}-worker.ts`): URL {
  if (new URL(callerUrl).pathname.endsWith('.ts')) return new URL(sourcePath, callerUrl)
  const name = sourcePath.slice(sourcePath.lastIndexOf('/') + 1).replace(/\.ts$/, '.js')
  return new URL(name, callerUrl)
}
