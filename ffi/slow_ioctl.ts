// An ioctl that may take minutes, on a thread of its own, while timers and signals go on here.

import type { FileDescriptor } from "./file.ts";
import type { IoctlOutcome } from "./ioctl.ts";
import type { PageBuffer } from "./page_buffer.ts";

/** A long ioctl: a format, a self-test that the drive runs in the foreground, a large download. */
export interface SlowIoctl {
  readonly file: FileDescriptor;
  readonly request: number;
  /** The argument structure; the kernel reads it and writes its answer into it. */
  readonly argument: PageBuffer;
  /** The buffers that addresses inside `argument` point to. */
  readonly data?: readonly PageBuffer[];
}

/** What the thread is told: plain values, because nothing else crosses to another thread. */
export interface IoctlCall {
  readonly fd: number;
  readonly request: number;
  readonly address: bigint;
}

// A compiled binary holds this module only if it was built with
// `--include ffi/slow_ioctl_worker.ts`: nothing imports it by name.
const WORKER = new URL("./slow_ioctl_worker.ts", import.meta.url);

/**
 * Runs one ioctl in a Worker, which calls it synchronously and reads errno on the same thread.
 *
 * Never rejects for what the kernel refuses: that is the outcome's errno. Rejects with an Error
 * when the thread cannot start, and with SysError when `file` is not open.
 *
 * Nothing interrupts the kernel once it has the request; no AbortSignal could, so none is taken. A
 * caller that gives up stops waiting for the promise, and may then close the file and dispose of
 * the buffers: the thread keeps a descriptor of its own, and the memory stays mapped until the
 * kernel has answered. Even then the drive goes on, and the process may not be able to end before
 * the kernel's own timeout (`timeout_ms` in the command) passes.
 */
export async function slowIoctl(slow: SlowIoctl, worker: URL = WORKER): Promise<IoctlOutcome> {
  using resources = new DisposableStack();
  const file = resources.use(slow.file.duplicate());
  for (const buffer of [slow.argument, ...slow.data ?? []]) resources.use(buffer.hold());
  const call = { fd: file.number, request: slow.request, address: slow.argument.address };
  return await askThread(call, worker);
}

function askThread(call: IoctlCall, module: URL): Promise<IoctlOutcome> {
  const { promise, resolve, reject } = Promise.withResolvers<IoctlOutcome>();
  const thread = new Worker(module, { type: "module", name: "slow ioctl" });
  thread.onmessage = ({ data }: MessageEvent<IoctlOutcome>) => resolve(data);
  thread.onerror = (event) => {
    event.preventDefault();
    reject(
      new Error(
        `Cannot start the thread of a slow ioctl: ${event.message}, ` +
          "need ffi/slow_ioctl_worker.ts beside the program or included when it was compiled",
      ),
    );
  };
  thread.postMessage(call);
  return promise.finally(() => thread.terminate());
}
