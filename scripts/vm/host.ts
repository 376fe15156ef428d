// Runs programs of the host and finds them, for everything that prepares the guest.

/**
 * The test guest cannot be had on this machine; the message says what is missing and how to get it.
 */
export class GuestUnavailable extends Error {
  override readonly name = "GuestUnavailable";
}

/** What a program of the host left behind. */
export interface HostOutput {
  readonly ok: boolean;
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** The text of stderr, trimmed. */
  readonly stderr: string;
}

/** The path of a program of the host, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of folders()) {
    const path = `${folder}/${name}`;
    if (await exists(path)) return path;
  }
  return undefined;
}

/** Runs a program of the host to its end, in the C locale, with no standard input. */
export async function runHost(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<HostOutput> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", PATH: folders().join(":") },
    stdin: "null",
    ...options,
  }).output();
  return { ok: success, stdout, stderr: new TextDecoder().decode(stderr).trim() };
}

/** The standard output of a program of the host that must succeed. @throws {GuestUnavailable} */
export async function hostOutput(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { ok, stdout, stderr } = await runHost(program, args, options);
  if (ok) return stdout;
  throw new GuestUnavailable(`Cannot run ${program} ${args[0] ?? ""}: ${lastLines(stderr, 5)}`);
}

/** Whether a file, directory or the target of a link is there for this user. */
export async function exists(path: string): Promise<boolean> {
  const { NotFound, NotADirectory, PermissionDenied } = Deno.errors;
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    const absent = [NotFound, NotADirectory, PermissionDenied].some((kind) =>
      error instanceof kind
    );
    if (absent) return false;
    throw error;
  }
}

/** The last `count` lines of `text`. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** The absolute path of a file of this checkout, from its path below the checkout's top. */
export function checkoutPath(relative: string): string {
  return decodeURIComponent(new URL(`../../${relative}`, import.meta.url).pathname);
}

/**
 * Where programs are looked for. Root's folders come too: an ordinary user's PATH often lacks them.
 */
function folders(): readonly string[] {
  const path = (Deno.env.get("PATH") ?? "").split(":").filter(Boolean);
  return [...path, "/usr/local/sbin", "/usr/sbin", "/sbin"];
}
