// Where control sockets are: in a directory that only its owner can enter.

import { effectiveUserId } from "../../../ffi/mod.ts";
import { UnreachableError, UsageError } from "../../errors.ts";

const ROOT_DIRECTORY = "/run/nvmectl";
const SUFFIX = ".sock";

/** The directory of this user's sockets: root's, or one of the user's own. */
export function controlDirectory(userId: number = effectiveUserId()): string {
  if (userId === 0) return ROOT_DIRECTORY;
  const session = `/run/user/${userId}`;
  return exists(session) ? `${session}/nvmectl` : `/tmp/nvmectl-${userId}`;
}

/**
 * The socket's path for a drive that is served on this port; makes the directory.
 *
 * @throws UnreachableError where the directory is another user's, or cannot be made
 */
export function controlPath(port: number, userId: number = effectiveUserId()): string {
  const directory = controlDirectory(userId);
  try {
    Deno.mkdirSync(directory, { mode: 0o700, recursive: true });
    const { uid, isDirectory, mode } = Deno.lstatSync(directory);
    // In /tmp anybody can have made it before us.
    if (!isDirectory || uid !== userId || ((mode ?? 0) & 0o022) !== 0) {
      throw new Error("it is not ours alone");
    }
  } catch (error) {
    throw new UnreachableError(`Cannot use ${directory}: ${(error as Error).message}`, {
      next: "choose another place with --control PATH",
      cause: error,
    });
  }
  return `${directory}/drive-${port}${SUFFIX}`;
}

/**
 * The only socket that somebody answers.
 *
 * @throws UnreachableError where there is none, UsageError where there are several
 */
export async function onlyControl(userId: number = effectiveUserId()): Promise<string> {
  const directory = controlDirectory(userId);
  const live: string[] = [];
  for (const path of socketsIn(directory)) if (await answers(path)) live.push(path);
  const [only, another] = live;
  if (only === undefined) {
    throw new UnreachableError(`Cannot find a served drive: none answers in ${directory}`, {
      next: "nvmectl drive serve starts one; or name its socket with --control PATH",
    });
  }
  if (another !== undefined) {
    throw new UsageError(`Cannot choose among ${live.length} served drives: ${live.join(", ")}`, {
      next: "name one with --control PATH",
    });
  }
  return only;
}

function socketsIn(directory: string): readonly string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ name }) => name.endsWith(SUFFIX))
      .map(({ name }) => `${directory}/${name}`)
      .sort();
  } catch {
    return [];
  }
}

async function answers(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
