// Builds the guest's initial file systems, and keeps them under the hash of their content.

import { cpioArchive, type CpioEntry } from "./cpio.ts";
import { checkoutPath, exists, GuestUnavailable, hostOutput } from "./host.ts";
import type { GuestTools } from "./install.ts";
import { loadOrder, parseModuleTable } from "./modules.ts";

/** What every guest loads first: the port that it is driven through, then its drives. */
const COMMON_MODULES = ["virtio_pci", "virtio_console", "nvme"];
/** What the host's root needs. All others come from there when modprobe asks for them. */
const SHARED_ROOT_MODULES = ["virtio_pci", "virtio_console", "9p", "9pnet_virtio", "overlay"];
/** What a rescue guest needs to give a drive to a program; the shared root has modprobe. */
const VFIO_MODULES = ["vfio_iommu_type1", "vfio-pci"];
/** Libraries that a program of Deno may need; anything else means that it grew a dependency. */
const RESCUE_LIBRARIES = /^(ld-linux|libc|libm|libdl|librt|libpthread|libgcc_s)\b/;
/** Images of each kind that stay; a build of nvmectl makes a rescue image of 100 MB. */
const KEPT = 3;

const FOLDER = checkoutPath(".tools/vm/images");

/**
 * The image whose root is the host's, shared read only below a layer in memory.
 * @returns the path for QEMU's `-initrd`
 */
export async function fullImage(tools: GuestTools): Promise<string> {
  const names = [...SHARED_ROOT_MODULES, ...COMMON_MODULES];
  const kernelModules = new TextEncoder().encode(`${tools.kernel.modules}\n`);
  return await keep("full", [
    ...await baseEntries(tools, names),
    { kind: "file", path: "kernel_modules", mode: 0o644, data: kernelModules },
  ]);
}

/**
 * The image of a rescue stick: busybox, the C library and `binary` as /usr/bin/nvmectl; VFIO's
 * modules where there is an IOMMU.
 * @returns the path for QEMU's `-initrd`
 * @throws {GuestUnavailable} when `binary` is not there or needs another library
 */
export async function rescueImage(
  tools: GuestTools,
  binary: string,
  { iommu = false }: { readonly iommu?: boolean } = {},
): Promise<string> {
  if (!await exists(binary)) {
    throw new GuestUnavailable(`Cannot make the rescue image: ${binary} does not exist`);
  }
  return await keep("rescue", [
    ...await baseEntries(tools, [...COMMON_MODULES, ...(iommu ? VFIO_MODULES : [])]),
    ...await Promise.all((await libraries(binary)).map((path) => copy(path, path.slice(1)))),
    await copy(binary, "usr/bin/nvmectl"),
  ]);
}

/** The absolute paths in what ldd prints. */
export function parseLibraries(ldd: string): readonly string[] {
  return ldd.split("\n").flatMap((line) => line.match(/(\/\S+) \(0x[0-9a-f]+\)$/)?.[1] ?? []);
}

async function libraries(binary: string): Promise<readonly string[]> {
  const paths = await librariesOf(binary);
  const strange = paths.filter((path) =>
    !RESCUE_LIBRARIES.test(path.slice(path.lastIndexOf("/") + 1))
  );
  if (strange.length === 0) return paths;
  throw new GuestUnavailable(
    `Cannot make the rescue image: ${binary} needs ${strange.join(", ")}, need the C library only`,
  );
}

async function librariesOf(program: string): Promise<readonly string[]> {
  return parseLibraries(new TextDecoder().decode(await hostOutput("ldd", [program])));
}

async function baseEntries(
  tools: GuestTools,
  moduleNames: readonly string[],
): Promise<readonly CpioEntry[]> {
  const script = (name: string): string => checkoutPath(`scripts/vm/guest/${name}`);
  return [
    await copy(tools.busybox, "bin/busybox"),
    await copy(script("init.sh"), "init"),
    await copy(script("start.sh"), "start.sh"),
    await copy(script("serve.sh"), "serve.sh"),
    ...await moduleEntries(tools.kernel.modules, moduleNames),
  ];
}

async function copy(from: string, to: string): Promise<CpioEntry> {
  return { kind: "file", path: to, mode: 0o755, data: await Deno.readFile(from) };
}

/** The modules' files, named so that they sort into the order of loading. */
async function moduleEntries(folder: string, names: readonly string[]): Promise<CpioEntry[]> {
  const table = parseModuleTable(
    await Deno.readTextFile(`${folder}/modules.dep`),
    await Deno.readTextFile(`${folder}/modules.builtin`),
  );
  return await Promise.all(
    loadOrder(table, names).map(async (file, index): Promise<CpioEntry> => {
      const name = file.slice(file.lastIndexOf("/") + 1).replace(/\.(xz|zst|gz)$/, "");
      const path = `modules/${String(index).padStart(2, "0")}-${name}`;
      return { kind: "file", path, mode: 0o644, data: await readModule(`${folder}/${file}`) };
    }),
  );
}

/** A module's bytes, unpacked: busybox's insmod knows no compression. */
async function readModule(path: string): Promise<Uint8Array> {
  if (path.endsWith(".xz")) return await hostOutput("xz", ["-dc", path]);
  if (path.endsWith(".zst")) return await hostOutput("zstd", ["-q", "-dc", path]);
  if (path.endsWith(".gz")) return await hostOutput("gzip", ["-dc", path]);
  return await Deno.readFile(path);
}

async function keep(kind: string, entries: readonly CpioEntry[]): Promise<string> {
  const archive = cpioArchive(entries);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", archive)).toHex().slice(0, 16);
  const path = `${FOLDER}/${kind}-${hash}.cpio`;
  if (await exists(path)) return path;
  await Deno.mkdir(FOLDER, { recursive: true });
  const scratch = await Deno.makeTempFile({ dir: FOLDER, prefix: "new-" });
  await Deno.writeFile(scratch, archive);
  await Deno.rename(scratch, path);
  await prune(kind);
  return path;
}

async function prune(kind: string): Promise<void> {
  const images: { readonly path: string; readonly madeAt: number }[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.startsWith(`${kind}-`)) continue;
    const path = `${FOLDER}/${name}`;
    images.push({ path, madeAt: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
  }
  images.sort((a, b) => b.madeAt - a.madeAt);
  await Promise.all(images.slice(KEPT).map(({ path }) => Deno.remove(path).catch(() => {})));
}
