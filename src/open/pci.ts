// `pci:BDF`: a drive under our own driver, through VFIO.

import { memlockLimitBytes, pageBytes } from "../../ffi/process.ts";
import type { Guard } from "../cli/confirm.ts";
import type { Opened, OpenRequest } from "../cli/run.ts";
import { Drive } from "../controller/drive.ts";
import { identifyController } from "../controller/identify.ts";
import { type HostView, readTopology, systemView } from "../host/mod.ts";
import { describeFunction, explainUnopenable, holdersOf, readMachine } from "../host/pci/mod.ts";
import { openPolled } from "../transport/polled/mod.ts";
import { openVfio } from "../transport/polled/vfio/open.ts";
import type { Transport } from "../transport/transport.ts";
import { kernelGuard } from "./kernel.ts";
import { systemPollClock } from "./poll_clock.ts";

/** Memory for queues and data; under the usual limit of 8 MiB for locked memory. */
const ARENA_BYTES = 4 * 1024 * 1024;
/** As deep as queues are when nothing is said; deeper ones take memory of their own. */
const USUAL_DEPTH = 64;
/** An entry of both queues, and the page of its PRP list. */
const BYTES_PER_ENTRY = 2 * 4096;

/**
 * Opens a function that is bound to vfio-pci. Nothing is done to the drive before the first
 * command; closing shuts it down in order.
 *
 * @throws UsageError for what is no address, UnreachableError for one that cannot be opened, each
 * with its reason and the next step
 */
export async function openPci(bdf: string, request: OpenRequest): Promise<Opened> {
  const view = systemView();
  const described = describeFunction(view, bdf);
  const refusal = explainUnopenable(described, readMachine(view, memlockLimitBytes()));
  if (refusal) throw refusal;
  const clock = systemPollClock();
  const { signal, iovaBase, queueDepth } = request;
  const backing = await openVfio(described.address, {
    clock,
    signal,
    iovaBase,
    arenaBytes: arenaBytes(queueDepth),
    holders: (path) =>
      holdersOf(view, path).map(({ processId, program }) => ({ pid: processId, program })),
  });
  const transport = await openPolled({
    backing,
    clock,
    signal,
    queueEntries: queueDepth,
    authorize: (command) => request.authorize(command),
    hostPageBytes: pageBytes(),
  });
  return { transport, guard: pciGuard(view, transport) };
}

function arenaBytes(depth = USUAL_DEPTH): number {
  return ARENA_BYTES + Math.max(0, depth - USUAL_DEPTH) * BYTES_PER_ENTRY;
}

/**
 * Nobody can use a function that is ours; but the drive may have another controller that the
 * kernel drives, through which its namespaces are in use. It has the same serial number.
 */
function pciGuard(view: HostView, transport: Transport): Guard {
  let peers: Guard | undefined;
  return {
    async uses(namespaces) {
      const { sn } = await identifyController(new Drive(transport));
      const names = readTopology(view).controllers
        .filter(({ serial }) => serial !== undefined && serial.trim() === sn.trim())
        .map(({ name }) => name);
      peers = names.length === 0 ? undefined : kernelGuard(view, names);
      return await peers?.uses(namespaces) ?? [];
    },
    claim: (namespaces) => peers?.claim(namespaces) ?? { [Symbol.dispose]: () => {} },
  };
}
