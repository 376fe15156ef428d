// ioctls of VFIO: sent once, refused with their name, asked again with more room.

import { iommufdIoctlName } from "../../../../ffi/iommufd.ts";
import type { IoctlArgument } from "../../../../ffi/ioctl.ts";
import { SysError } from "../../../../ffi/sys_error.ts";
import { vfioIoctlName } from "../../../../ffi/vfio.ts";
import { MalformedError } from "../../../errors.ts";
import type { KernelFile } from "./kernel.ts";

/** Answers grow when devices come to the container between two calls; not for ever. */
const ATTEMPTS = 4;
/** No answer is near this: more is a kernel that does not speak this language. */
const ANSWER_MAX_BYTES = 64 * 1024;

/** The name of a request of VFIO or IOMMUFD. */
export function requestName(request: number): string {
  const name = vfioIoctlName(request);
  return name.startsWith("VFIO") ? name : iommufdIoctlName(request);
}

/** What was tried, worded to stand after "Cannot". */
export function sending(file: KernelFile, request: number): string {
  return `send ${requestName(request)} to ${file.path}`;
}

/** Sends a request; its result of 0 or more comes back. Throws SysError. */
export function send(file: KernelFile, request: number, argument: IoctlArgument = 0n): number {
  const { result, errno } = file.tryIoctl(request, argument);
  if (errno !== 0 || result < 0) throw new SysError(sending(file, request), errno);
  return result;
}

/**
 * Sends a request whose answer begins with its own length, and again with more room where that says
 * that there is more.
 *
 * @param question the structure, `argsz` in it
 * @returns the structure and what follows it
 * @throws {SysError} where the kernel refuses
 * @throws {MalformedError} where the answer has no end
 */
export function ask(
  file: KernelFile,
  request: number,
  question: Uint8Array,
): Uint8Array<ArrayBuffer> {
  let answer = new Uint8Array(question);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    send(file, request, answer);
    const view = new DataView(answer.buffer);
    const needed = view.getUint32(0, true);
    if (needed <= answer.length) return answer;
    if (needed > ANSWER_MAX_BYTES) break;
    answer = new Uint8Array(needed);
    answer.set(question);
    new DataView(answer.buffer).setUint32(0, needed, true);
  }
  throw new MalformedError(`Cannot ${sending(file, request)}: its answer never fits`);
}
