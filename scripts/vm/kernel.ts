// Fetches the distribution's kernel and unpacks it for QEMU, without installing it.

import { isPvhKernel } from "./elf.ts";
import {
  checkoutPath,
  exists,
  findProgram,
  GuestUnavailable,
  hostOutput,
  lastLines,
  runHost,
} from "./host.ts";

/** An unpacked kernel. */
export interface Kernel {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  /** The file for QEMU's `-kernel`. */
  readonly image: string;
  /** The directory that is `/lib/modules/<release>` in the guest. */
  readonly modules: string;
}

/** The package that depends on the newest kernel: Debian's name, then Ubuntu's. */
const META_PACKAGES = ["linux-image-amd64", "linux-image-generic"];

/** Module folders for hardware that the guest never has: more than half of the space. */
const UNUSED = ["sound", "drivers/gpu", "drivers/media", "drivers/net/wireless", "drivers/staging"];

const FOLDER = checkoutPath(".tools/vm/kernel");

/**
 * The kernel in `.tools/vm/kernel`, fetched first when it is not there.
 * @throws {GuestUnavailable} when it cannot be fetched
 */
export async function ensureKernel(log: (line: string) => void): Promise<Kernel> {
  if (!await exists(`${FOLDER}/release`)) {
    if (!await exists("/usr/bin/apt-get") || await findProgram("dpkg-deb") === undefined) {
      throw new GuestUnavailable(
        "Cannot fetch a kernel for the test guest: there is no apt-get, need Debian or Ubuntu",
      );
    }
    await fetchKernel(log);
  }
  const release = (await Deno.readTextFile(`${FOLDER}/release`)).trim();
  const direct = await exists(`${FOLDER}/vmlinux`);
  return {
    release,
    image: `${FOLDER}/${direct ? "vmlinux" : "vmlinuz"}`,
    modules: `${FOLDER}/lib/modules/${release}`,
  };
}

/** The kernel's own packages among the `Depends:` lines of `apt-cache depends`. */
export function kernelPackages(depends: string): readonly string[] {
  const names = [...depends.matchAll(/^\s*\|?Depends: (\S+)$/gm)].map(([, name]) => name ?? "");
  return names.filter((name) => /^linux-(image|binary|modules|modules-extra)-\d/.test(name));
}

/**
 * Everything happens in a folder of its own that is renamed when whole, so two may do it at once.
 */
async function fetchKernel(log: (line: string) => void): Promise<void> {
  await Deno.mkdir(checkoutPath(".tools/vm"), { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: checkoutPath(".tools/vm"), prefix: "fetch-" });
  try {
    await downloadPackages(scratch, log);
    log("unpacking the kernel");
    for await (const { name } of Deno.readDir(scratch)) {
      if (name.endsWith(".deb")) {
        await hostOutput("dpkg-deb", ["-x", `${scratch}/${name}`, `${scratch}/root`]);
      }
    }
    await arrange(`${scratch}/root`, `${scratch}/kernel`);
    await Deno.rename(`${scratch}/kernel`, FOLDER).catch(async (error) => {
      if (!await exists(`${FOLDER}/release`)) throw error;
    });
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function downloadPackages(folder: string, log: (line: string) => void): Promise<void> {
  const sandbox = Deno.uid() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
  const attempt = async (): Promise<string | undefined> => {
    const packages = await findPackages();
    if (packages.length === 0) return `apt knows none of ${META_PACKAGES.join(", ")}`;
    log(`downloading ${packages.join(", ")}`);
    const { ok, stderr } = await runHost("apt-get", [...sandbox, "download", ...packages], {
      cwd: folder,
    });
    return ok ? undefined : lastLines(stderr, 5);
  };
  if (await attempt() === undefined) return;
  if (Deno.uid() === 0) await runHost("apt-get", ["update"]);
  const problem = await attempt();
  if (problem !== undefined) {
    throw new GuestUnavailable(
      `Cannot fetch a kernel for the test guest: ${problem}\n` +
        "apt-get needs its package lists (apt-get update) and the network",
    );
  }
}

async function findPackages(): Promise<readonly string[]> {
  for (const meta of META_PACKAGES) {
    const direct = await dependencies(meta);
    if (!direct.some((name) => /^linux-image-\d/.test(name))) continue;
    const indirect = await Promise.all(direct.map(dependencies));
    return [...new Set([...direct, ...indirect.flat()])];
  }
  return [];
}

async function dependencies(name: string): Promise<readonly string[]> {
  const { stdout } = await runHost("apt-cache", ["depends", name]);
  return kernelPackages(new TextDecoder().decode(stdout));
}

/** Puts an unpacked package's parts where {@linkcode ensureKernel} looks for them. */
async function arrange(root: string, kernel: string): Promise<void> {
  const packed = await exists(`${root}/usr/lib/modules`)
    ? `${root}/usr/lib/modules`
    : `${root}/lib/modules`;
  const releases: string[] = [];
  for await (const { name } of Deno.readDir(packed)) releases.push(name);
  const [release] = releases;
  if (release === undefined || releases.length > 1) {
    throw new GuestUnavailable(
      `Cannot use the kernel's package: it holds ${releases.length} kernels`,
    );
  }
  await Deno.mkdir(`${kernel}/lib/modules`, { recursive: true });
  await Deno.rename(`${packed}/${release}`, `${kernel}/lib/modules/${release}`);
  await Promise.all(
    UNUSED.map((folder) =>
      Deno.remove(`${kernel}/lib/modules/${release}/kernel/${folder}`, { recursive: true })
        .catch(() => {})
    ),
  );
  await Deno.rename(`${root}/boot/vmlinuz-${release}`, `${kernel}/vmlinuz`);
  const plain = await uncompressedKernel(`${kernel}/vmlinuz`);
  if (plain !== undefined) await Deno.writeFile(`${kernel}/vmlinux`, plain);
  await hostOutput("depmod", ["-b", kernel, release]);
  await Deno.writeTextFile(`${kernel}/release`, `${release}\n`);
}

/**
 * The kernel inside a bzImage, or undefined when QEMU could not start it. Unpacking it here saves
 * the emulated processor three of six seconds at every boot.
 * [Linux boot protocol: setup_sects 0x1f1, payload_offset 0x248, payload_length 0x24c]
 */
async function uncompressedKernel(
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = await Deno.readFile(path);
  const view = new DataView(file.buffer);
  const start = (view.getUint8(0x1f1) + 1) * 512 + view.getUint32(0x248, true);
  // The build appends the unpacked size, four bytes that belong to none of these formats.
  const payload = file.slice(start, start + view.getUint32(0x24c, true) - 4);
  const magic = payload.slice(0, 4).toHex();
  const packed = `${path}.payload`;
  await Deno.writeFile(packed, payload);
  try {
    const output = magic === "fd377a58"
      ? await runHost("xz", ["-dc", "--format=xz", packed])
      : magic === "28b52ffd"
      ? await runHost("zstd", ["-q", "-dc", packed])
      : undefined;
    return output?.ok && isPvhKernel(output.stdout) ? output.stdout : undefined;
  } finally {
    await Deno.remove(packed);
  }
}
