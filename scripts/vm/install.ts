// Makes sure that this machine has what the test guest needs: programs and a kernel.

import { exists, findProgram, GuestUnavailable, lastLines, runHost } from "./host.ts";
import { isStaticProgram } from "./elf.ts";
import { ensureKernel, type Kernel } from "./kernel.ts";

export { GuestUnavailable } from "./host.ts";

/** The host's programs that the guest is made with, by path, and its kernel. */
export interface GuestTools {
  readonly qemu: string;
  /** A static busybox: the first program in every image. */
  readonly busybox: string;
  readonly kernel: Kernel;
}

/** Programs and the packages that Debian and Ubuntu ship them in. */
const PACKAGES: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "busybox": "busybox-static",
  "depmod": "kmod",
  "xz": "xz-utils",
  "zstd": "zstd",
  "nvme": "nvme-cli",
  "mkfs.ext4": "e2fsprogs",
  "dmsetup": "dmsetup",
  "fio": "fio",
};

/**
 * Finds what the guest needs and fetches what is missing: packages with apt-get when run as root,
 * the kernel without installing it. Quick when all is there.
 *
 * @param log hears of steps that take long
 * @throws {GuestUnavailable} when something is missing and cannot be fetched
 */
export async function installGuestTools(
  log: (line: string) => void = () => {},
): Promise<GuestTools> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new GuestUnavailable(
      `Cannot run the test guest: this is ${Deno.build.os} on ${Deno.build.arch}, need linux on x86_64`,
    );
  }
  const missing = await missingPrograms();
  if (missing.length > 0) await installPackages(missing, log);
  const [qemu, busybox] = [await findProgram("qemu-system-x86_64"), await staticBusybox()];
  if (qemu === undefined || busybox === undefined) throw unavailable(await missingPrograms());
  return { qemu, busybox, kernel: await ensureKernel(log) };
}

/** What the tests of the compiled program look at it with: shells, a terminal, a packet reader. */
const TEST_PROGRAMS: Readonly<Record<string, string>> = {
  "tshark": "tshark",
  "zsh": "zsh",
  "fish": "fish",
  "script": "bsdutils",
};

/**
 * Fetches the programs that tests of the compiled program use, where that can be done; what cannot
 * be had is said to `log`, and the tests that need it say so too.
 */
export async function installTestPrograms(log: (line: string) => void = () => {}): Promise<void> {
  const names = Object.keys(TEST_PROGRAMS);
  const found = await Promise.all(names.map(findProgram));
  const missing = names.filter((_, at) => found[at] === undefined);
  if (missing.length === 0) return;
  if (Deno.uid() !== 0 || !await exists("/usr/bin/apt-get")) {
    log(`missing ${missing.join(", ")}: as root on Debian or Ubuntu they would be installed`);
    return;
  }
  await installPackages(missing, log);
}

/** What benchmarks measure with. */
const BENCHMARK_PROGRAMS: Readonly<Record<string, string>> = { "fio": "fio" };

/**
 * Fetches the programs that benchmarks use.
 *
 * @throws {GuestUnavailable} when one is missing and cannot be fetched
 */
export async function installBenchmarkPrograms(
  log: (line: string) => void = () => {},
): Promise<void> {
  const names = Object.keys(BENCHMARK_PROGRAMS);
  const found = await Promise.all(names.map(findProgram));
  const missing = names.filter((_, at) => found[at] === undefined);
  if (missing.length > 0) await installPackages(missing, log);
}

async function missingPrograms(): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.keys(PACKAGES).map(async (name) => ({
      name,
      path: name === "busybox" ? await staticBusybox() : await findProgram(name),
    })),
  );
  return found.filter(({ path }) => path === undefined).map(({ name }) => name);
}

async function staticBusybox(): Promise<string | undefined> {
  const path = await findProgram("busybox");
  return path !== undefined && isStaticProgram(await Deno.readFile(path)) ? path : undefined;
}

/**
 * Installs the packages of programs with apt-get.
 *
 * @throws {GuestUnavailable} when this is not root, or apt-get is not here or fails
 */
async function installPackages(
  programs: readonly string[],
  log: (line: string) => void,
): Promise<void> {
  if (Deno.uid() !== 0 || !await exists("/usr/bin/apt-get")) throw unavailable(programs);
  const packages = packagesOf(programs);
  const install = [
    "install",
    "--yes",
    "--no-install-recommends",
    "-o",
    "DPkg::Lock::Timeout=300",
    ...packages,
  ];
  log(`installing ${packages.join(", ")}`);
  if ((await runHost("apt-get", install)).ok) return;
  await runHost("apt-get", ["update"]);
  const { ok, stderr } = await runHost("apt-get", install);
  if (!ok) {
    throw new GuestUnavailable(`${unavailable(programs).message}\n${lastLines(stderr, 5)}`);
  }
}

function unavailable(programs: readonly string[]): GuestUnavailable {
  const names = programs.map((name) => name === "busybox" ? "a static busybox" : name).join(", ");
  return new GuestUnavailable(
    `Cannot run the test guest: missing ${names}; ` +
      `as root on Debian or Ubuntu: apt-get install ${packagesOf(programs).join(" ")}`,
  );
}

function packagesOf(programs: readonly string[]): readonly string[] {
  return programs.map((name) =>
    PACKAGES[name] ?? TEST_PROGRAMS[name] ?? BENCHMARK_PROGRAMS[name] ?? name
  );
}
