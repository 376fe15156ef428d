// PCI functions and what VFIO needs, as JSON and in words, for the verbs of this group.

import type { FunctionUse, NodeFacts, NvmeFunction, VfioMachine } from "../../host/pci/facts.ts";
import type { JsonObject } from "../../layout/mod.ts";

/** A function as JSON. */
export function functionJson(about: NvmeFunction): JsonObject {
  const { address, classCode, vendor, device, driver, override, controller, group, cdev } = about;
  return {
    address,
    class_code: classCode,
    vendor_id: vendor ?? null,
    device_id: device ?? null,
    driver: driver ?? null,
    driver_override: override ?? null,
    controller: controller === undefined ? null : {
      name: controller.name,
      state: controller.state ?? null,
      serial: controller.serial ?? null,
      model: controller.model ?? null,
      namespaces: [...controller.namespaces],
    },
    iommu_group: group === undefined ? null : {
      number: group.number,
      viable: group.viable,
      no_iommu: group.isUnsafe,
      node: nodeJson(group.node),
      members: group.members.map((member) => ({
        address: member.address,
        driver: member.driver ?? null,
        class_code: member.classCode ?? null,
        class: member.what,
        in_the_way: member.inTheWay,
      })),
    },
    vfio_device: cdev === undefined ? null : nodeJson(cdev),
  };
}

/** What a drive is used for, as JSON. */
export function usesJson(uses: readonly FunctionUse[]): JsonObject[] {
  return uses.map(({ kind, device, text, weight }) => ({ kind, device, text, weight }));
}

/** The machine as JSON. */
export function machineJson(machine: VfioMachine): JsonObject {
  const { release, iommu, modules, modulesDisabled, unsafeMode, memlock, userId } = machine;
  return {
    kernel: release ?? null,
    iommu: {
      groups: iommu.groups,
      vendor: iommu.vendor ?? null,
      described_by_firmware: iommu.described ?? null,
      parameters: [...iommu.parameters],
    },
    modules: modules.map(({ name, state, path }) => ({ name, state, path: path ?? null })),
    modules_disabled: modulesDisabled,
    no_iommu_mode: unsafeMode ?? null,
    container: nodeJson(machine.container),
    iommufd: nodeJson(machine.iommufd),
    locked_memory: {
      limit_bytes: memlock.limitBytes === undefined ? null : Number(memlock.limitBytes),
      needed_bytes: Number(memlock.needBytes),
      limit_counts: memlock.counts,
    },
    user_id: userId ?? null,
  };
}

/** What a drive is, in words: model, serial number and PCI identity as far as they are known. */
export function identity({ vendor, device, classCode, controller }: NvmeFunction): string {
  const { model, serial } = controller ?? {};
  return [
    ...(model === undefined ? [] : [model]),
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    `${vendor ?? "?"}:${device ?? "?"}`,
    `class ${classCode}`,
  ].join(", ");
}

function nodeJson({ path, exists, permissions, userId, group, mayUse }: NodeFacts): JsonObject {
  return {
    path,
    exists,
    permissions: permissions === undefined ? null : permissions.toString(8).padStart(4, "0"),
    user_id: userId ?? null,
    group: group ?? null,
    usable: mayUse ?? null,
  };
}
