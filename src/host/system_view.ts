// The machine itself, as a HostView.

import {
  FileDescriptor,
  type FileType,
  O_EXCL,
  O_RDONLY,
  PageBuffer,
  readBytes,
  readText,
} from "../../ffi/mod.ts";
import type { FileFacts, HostView } from "./host_view.ts";

/** The files of this machine. Text is read with the C library, which may also read /proc. */
export function systemView(): HostView {
  return {
    readText(path, encoding = "utf-8") {
      const bytes = orUndefined(path, () => readBytes(path));
      if (bytes === undefined) return undefined;
      return encoding === "utf-8" ? new TextDecoder().decode(bytes) : latin1(bytes);
    },
    readDir: (path) =>
      orUndefined(path, () => Array.from(Deno.readDirSync(path), (entry) => entry.name)) ?? [],
    readLink: (path) => orUndefined(path, () => Deno.readLinkSync(path)),
    realPath: (path) => orUndefined(path, () => Deno.realPathSync(path)),
    stat: (path) => orUndefined(path, () => factsOf(Deno.statSync(path))),
    loopBacking: (name) => orUndefined(name, () => loopBacking(name)),
  };
}

/**
 * Opens a block device for this process alone and closes it again on disposal.
 *
 * Throws SysError EBUSY where something has claimed the device, a part of it or the whole of it.
 */
export function openExclusively(path: string): Disposable {
  return FileDescriptor.open(path, O_RDONLY | O_EXCL);
}

/** The device number behind glibc's st_rdev: 12 + 20 bits of major, 8 + 24 bits of minor. */
export function deviceText(number: number): string {
  const bits = BigInt(number);
  const major = ((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n);
  const minor = (bits & 0xffn) | ((bits >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/**
 * `major:minor` of a device number of the kernel's interfaces, which keep room for old ones: 8 bits
 * of minor, 12 of major, the rest of the minor [UAPI-6.1 §linux/loop.h].
 */
export function encodedDeviceText(encoded: bigint): string {
  const major = (encoded >> 8n) & 0xfffn;
  const minor = (encoded & 0xffn) | ((encoded >> 12n) & 0xfff00n);
  return `${major}:${minor}`;
}

const LOOP_GET_STATUS64 = 0x4c05;
const LOOP_INFO64_BYTES = 232;
/** Where struct loop_info64 has the device number of the file behind the loop device. */
const RDEVICE_AT = 16;

/** Throws SysError where the loop device cannot be opened. */
function loopBacking(name: string): string | undefined {
  using file = FileDescriptor.open(`/dev/${name}`, O_RDONLY);
  const { type, device: { major, minor } } = file.status();
  // The node may be of another device than its name says.
  const number = readText(`/sys/class/block/${name}/dev`).trimEnd();
  if (type !== "block" || number !== `${major}:${minor}`) return undefined;
  using info = new PageBuffer(LOOP_INFO64_BYTES);
  if (file.tryIoctl(LOOP_GET_STATUS64, info.address).errno !== 0) return undefined;
  const { buffer, byteOffset } = info.bytes;
  return encodedDeviceText(new DataView(buffer, byteOffset).getBigUint64(RDEVICE_AT, true));
}

function factsOf(info: Deno.FileInfo): FileFacts {
  const type = typeOf(info);
  const isDevice = type === "character" || type === "block";
  return {
    type,
    device: isDevice ? deviceText(info.rdev ?? 0) : undefined,
    on: deviceText(info.dev),
    permissions: (info.mode ?? 0) & 0o7777,
    userId: info.uid ?? 0,
    groupId: info.gid ?? 0,
  };
}

function typeOf(info: Deno.FileInfo): FileType {
  if (info.isCharDevice) return "character";
  if (info.isBlockDevice) return "block";
  if (info.isDirectory) return "directory";
  if (info.isFile) return "regular";
  if (info.isFifo) return "fifo";
  return info.isSocket ? "socket" : "unknown";
}

/** What a call about a path returns; undefined where the operating system refuses. */
function orUndefined<T>(path: string, call: () => T): T | undefined {
  // Deno has its own errors for these; to the kernel they are paths that lead nowhere.
  if (path === "" || path.includes("\0")) return undefined;
  try {
    return call();
  } catch (error) {
    // Every refusal by the operating system has a code, whether ffi/ or Deno reports it. What has
    // none is our own fault, or a permission of Deno's that was not granted.
    if ((error as { code?: unknown }).code !== undefined) return undefined;
    throw error;
  }
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
