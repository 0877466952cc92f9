/** Whether a kernel of this release (`uname -r`: 6.18.0-1-amd64) is of version `major`.`minor` or newer. */
export function isAtLeast(release: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = release.split(/[.-]/).map(Number);
  return itsMajor > major || (itsMajor === major && itsMinor >= minor);
}
