// What this machine offers to drivers in user space: IOMMU, modules, nodes, limits.

import type { HostView } from "../host_view.ts";
import { processIdentity } from "../permissions.ts";
import { DRIVER_ARENA_BYTES, type VfioMachine } from "./facts.ts";
import { isUnsafeMode } from "./function.ts";
import { areModulesDisabled, kernelRelease, moduleFacts, VFIO_MODULES } from "./modules.ts";
import { nodeFacts } from "./node.ts";

const ACPI_TABLES = "/sys/firmware/acpi/tables";
/** Tables in which the firmware describes an IOMMU: Intel's, AMD's, Arm's. */
const IOMMU_TABLES = ["DMAR", "IVRS", "IORT"];
const VENDORS: Readonly<Record<string, "Intel" | "AMD">> = {
  GenuineIntel: "Intel",
  AuthenticAMD: "AMD",
};

/** @param memlockBytes what this process may lock (RLIMIT_MEMLOCK); undefined is no limit */
export function readMachine(view: HostView, memlockBytes: bigint | undefined): VfioMachine {
  const who = processIdentity(view);
  return {
    release: kernelRelease(view),
    iommu: {
      groups: view.readDir("/sys/kernel/iommu_groups").length,
      vendor: iommuVendor(view),
      described: isDescribed(view),
      parameters: parametersOf(view),
    },
    modules: VFIO_MODULES.map((name) => moduleFacts(view, name)),
    modulesDisabled: areModulesDisabled(view),
    unsafeMode: isUnsafeMode(view),
    container: nodeFacts(view, "/dev/vfio/vfio"),
    iommufd: nodeFacts(view, "/dev/iommu"),
    memlock: {
      limitBytes: memlockBytes,
      needBytes: DRIVER_ARENA_BYTES,
      counts: memlockBytes !== undefined && who?.mayLockMemory !== true,
    },
    userId: who?.userId,
  };
}

/** Whether the limit on locked memory is too small for our driver. */
export function isMemlockTooSmall({ memlock }: VfioMachine): boolean {
  const { counts, limitBytes, needBytes } = memlock;
  return counts && limitBytes !== undefined && limitBytes < needBytes;
}

/** Whose IOMMU it is, or would be: virtual machines have any with any processor. */
function iommuVendor(view: HostView): "Intel" | "AMD" | undefined {
  const tables = view.readDir(ACPI_TABLES);
  if (tables.includes("DMAR")) return "Intel";
  if (tables.includes("IVRS")) return "AMD";
  const processors = view.readText("/proc/cpuinfo") ?? "";
  if (/^flags\s*:.*\bhypervisor\b/m.test(processors)) return undefined;
  return VENDORS[/^vendor_id\s*:\s*(\S+)/m.exec(processors)?.[1] ?? ""];
}

function isDescribed(view: HostView): boolean | undefined {
  const tables = view.readDir(ACPI_TABLES);
  return tables.length === 0 ? undefined : IOMMU_TABLES.some((name) => tables.includes(name));
}

function parametersOf(view: HostView): readonly string[] {
  const words = view.readText("/proc/cmdline")?.trim().split(/\s+/) ?? [];
  return words.filter((word) => /^(intel_iommu|amd_iommu|iommu(\.[a-z_]+)?)=/.test(word));
}
