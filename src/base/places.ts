// Where things are on the appliance (docs/design/appliance.md, "Places"). On somebody's own Linux only `data` counts, and that
// is an option of `nightjar run`. Tests move the whole tree under a folder of theirs.

export interface Places {
  /** p1, FAT, mounted read-only. */
  readonly bootfs: string;
  /** p3, mounted; everything that changes is under it. */
  readonly data: string;
  /** The data folder of `nightjar run`. */
  readonly box: string;
  /** Slots and state of updates. */
  readonly update: string;
  /** nightjar.toml as it was taken from bootfs, and what came of it. */
  readonly preset: string;
  /** What the page asks of the next boot. */
  readonly request: string;
  /** Crashes and reboots, for back-off and for the page. */
  readonly health: string;
  /** What the system itself keeps; root's. */
  readonly system: string;
  /** What the boot found: written by root, read by everybody. */
  readonly bootReport: string;
  /** What the screen shows instead of a login: address and claim code. Whoever writes it is shown at once (nightjar-screen.path). */
  readonly screen: string;
  /** The path of the executable that was chosen, one line. */
  readonly executable: string;
  /** The executable of the image, on the read-only root. */
  readonly factory: string;
  /** Public keys whose updates are taken. */
  readonly releaseKeys: string;
}

export const placesUnder = (root: string): Places => {
  const at = (path: string) => `${root === '/' ? '' : root}${path}`;
  return {
    bootfs: at('/boot/firmware'),
    data: at('/data'),
    box: at('/data/nightjar'),
    update: at('/data/update'),
    preset: at('/data/preset'),
    request: at('/data/request'),
    health: at('/data/health'),
    system: at('/data/system'),
    bootReport: at('/run/nightjar-boot/boot.json'),
    screen: at('/run/nightjar/screen.txt'),
    executable: at('/run/nightjar/executable'),
    factory: at('/usr/bin/nightjar'),
    releaseKeys: at('/usr/share/nightjar/release-keys'),
  };
};

export const places: Places = placesUnder('/');
