// The target grammar: what the user typed becomes a transport. With main.ts the only place that
// knows every kind of drive; each kind is loaded only when it is named.

import { UsageError } from "./errors.ts";
import type { DriveService } from "./cli/drive_service.ts";
import type { PciService } from "./cli/pci_service.ts";
import type { Opened, OpenRequest } from "./cli/run.ts";
import type { Topology } from "./host/topology.ts";

/**
 * Opens a target: `/dev/nvme0`, `nvme0n1`, `serial:NUMBER`, `pci:BDF`, `virtual:NAME`; undefined is
 * the machine's only controller.
 *
 * @throws UsageError for what cannot be a target, UnreachableError where it leads to no drive
 */
export async function openTarget(
  target: string | undefined,
  request: OpenRequest,
): Promise<Opened> {
  const [, scheme = "", rest = ""] = /^([a-z]+):(.*)$/s.exec(target ?? "") ?? [];
  switch (scheme) {
    case "virtual": {
      const { openVirtual } = await import("./open/virtual.ts");
      return openVirtual(rest);
    }
    case "serial": {
      if (rest === "") throw new UsageError("Cannot open serial:: the serial number is missing");
      const { openSerial } = await import("./open/kernel.ts");
      return openSerial(rest);
    }
    case "pci": {
      const { openPci } = await import("./open/pci.ts");
      return await openPci(rest, request);
    }
    case "": {
      const { openOnly, openPath } = await import("./open/kernel.ts");
      return target === undefined ? openOnly() : openPath(target);
    }
    default:
      throw new UsageError(`Cannot open ${target}: there is no target of the kind ${scheme}:`, {
        next: "use a path such as /dev/nvme0, serial:NUMBER, or virtual:",
      });
  }
}

/** The machine's NVMe drives as the kernel lists them. */
export async function machineTopology(): Promise<Topology> {
  const { machineTopology } = await import("./open/kernel.ts");
  return machineTopology();
}

/** The names of the machine's controllers. */
export async function machineControllers(): Promise<readonly string[]> {
  const { machineControllers } = await import("./open/kernel.ts");
  return machineControllers();
}

/** The layer behind --trace; see open/trace.ts. */
export const openTrace: typeof import("./open/trace.ts").openTrace = async (request) => {
  const { openTrace } = await import("./open/trace.ts");
  return await openTrace(request);
};

/** Virtual drives that run on their own; see src/serve/service.ts. */
export async function driveService(): Promise<DriveService> {
  const { driveService } = await import("./serve/service.ts");
  return driveService;
}

/** The machine's NVMe functions as PCI functions; see src/host/pci/service.ts. */
export async function pciService(): Promise<PciService> {
  const { HostPciService } = await import("./host/pci/mod.ts");
  return new HostPciService();
}
