// Boots a test guest for a person: deno run -A scripts/vm.ts --help

import { HELP, parseArguments, UsageError, type VmRequest } from "./vm/arguments.ts";
import { boot, type Guest, GuestError, GuestTimeout, GuestUnavailable } from "./vm/guest.ts";
import { checkoutPath, exists } from "./vm/host.ts";

const EXIT = { usage: 2, timeout: 124, noGuest: 125 } as const;
const TRACE_PATTERNS = ["pci_nvme_*"];

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  try {
    const request = parseArguments(args);
    if (request.help) {
      await write(Deno.stdout, HELP);
      return 0;
    }
    if (request.script === undefined && !Deno.stdin.isTerminal()) {
      throw new UsageError("Cannot start a shell: there is no terminal, need a COMMAND after --");
    }
    return await runGuest(request);
  } catch (error) {
    const code = exitCode(error);
    if (code === undefined) throw error;
    if (error instanceof GuestTimeout) {
      await write(Deno.stdout, error.stdout);
      await write(Deno.stderr, error.stderr);
    }
    await write(Deno.stderr, `vm: ${(error as Error).message}\n`);
    return code;
  }
}

function exitCode(error: unknown): number | undefined {
  if (error instanceof UsageError || error instanceof RangeError) return EXIT.usage;
  if (error instanceof GuestTimeout) return EXIT.timeout;
  if (error instanceof GuestError || error instanceof GuestUnavailable) return EXIT.noGuest;
  return undefined;
}

async function runGuest(request: VmRequest): Promise<number> {
  await using guest = await boot({
    drives: request.drives,
    image: request.image,
    iommu: request.iommu,
    network: request.network,
    console: request.script === undefined ? "terminal" : "log",
    ...(request.memoryMiB === undefined ? {} : { memoryMiB: request.memoryMiB }),
    ...(request.traceFile === undefined
      ? {}
      : { trace: { patterns: TRACE_PATTERNS, file: request.traceFile } }),
  }, (line) => void write(Deno.stderr, `vm: ${line}\n`));
  try {
    await putBinary(guest, request);
    if (request.script === undefined) {
      await guest.ended;
      return 0;
    }
    const result = await guest.run(request.script, { timeoutMs: request.timeoutMs });
    await write(Deno.stdout, result.stdoutBytes);
    await write(Deno.stderr, result.stderr);
    return result.code;
  } finally {
    if (request.keepConsole) await keepConsole(guest);
  }
}

async function putBinary(guest: Guest, request: VmRequest): Promise<void> {
  const binary = checkoutPath("build/nvmectl");
  if (request.image === "rescue") return;
  if (await exists(binary)) await guest.put(binary, "/usr/local/bin/nvmectl");
  else await write(Deno.stderr, "vm: build/nvmectl is not there: scripts/setup.sh makes it\n");
}

async function keepConsole(guest: Guest): Promise<void> {
  const path = checkoutPath(".tools/vm/console.log");
  await Deno.writeTextFile(path, await guest.console());
  await write(Deno.stderr, `vm: the console's log is in ${path}\n`);
}

async function write(
  to: { write(bytes: Uint8Array): Promise<number> },
  content: string | Uint8Array,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let next = 0; next < bytes.length;) next += await to.write(bytes.subarray(next));
}
