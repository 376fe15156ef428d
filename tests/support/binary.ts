// Runs the compiled program as a user does, on this machine.

/** The program that setup.sh left. */
export const BINARY: string = new URL("../../build/nvmectl", import.meta.url).pathname;

/** What the program did. */
export interface BinaryResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Uint8Array<ArrayBuffer>;
}

/** Runs the program with these words and no terminal; standard input is empty unless given. */
export async function nvmectl(
  words: readonly string[],
  { stdin, cwd }: { stdin?: string; cwd?: string } = {},
): Promise<BinaryResult> {
  return await runProgram(BINARY, words, { stdin, cwd });
}

/** Runs any program the same way. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { stdin, cwd }: { stdin?: string | undefined; cwd?: string | undefined } = {},
): Promise<BinaryResult> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    stdoutBytes: new Uint8Array(stdout),
  };
}
