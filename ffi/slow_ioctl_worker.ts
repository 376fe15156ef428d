// The thread of slow_ioctl.ts: takes one call, makes it, answers with its result and errno.

import { type IoctlOutcome, tryIoctl } from "./ioctl.ts";
import { releaseLibc } from "./libc.ts";
import type { IoctlCall } from "./slow_ioctl.ts";

/** What a module that runs as a Worker finds in place of a window. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<IoctlCall>) => void) | null;
  postMessage(outcome: IoctlOutcome): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { fd, request, address } }): void => {
  const outcome = tryIoctl(fd, request, address);
  // Who hears it ends this thread.
  releaseLibc();
  scope.postMessage(outcome);
};
