declare module 'node-gyp-build' {
  /** Loads the .node binary of the package in `directory`: a local build, or a prebuilt one. */
  export default function load(directory: string): unknown;
}
