/** A page whose file is gone, because a newer version of the web app was installed meanwhile. */

/** What browsers say of a script or style that they cannot load. */
const GONE =
  /dynamically imported module|Importing a module script failed|Unable to preload CSS|ChunkLoadError/i;
const KEY = 'sojourn-reloaded-for';

type Kept = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * Whether to load the page again at once. Only once for the same file: if it is still not there,
 * another load will not bring it. `kept` is of this tab; where it cannot be used, nothing is done.
 */
export function reloadsOnce(error: unknown, online: boolean, kept: Kept): boolean {
  const said = error instanceof Error ? error.message : String(error);
  if (!online || !GONE.test(said)) return false;
  try {
    if (kept.getItem(KEY) === said) return false;
    kept.setItem(KEY, said);
    return kept.getItem(KEY) === said;
  } catch {
    return false;
  }
}
