// nvmectl namespace list: all namespaces of a drive, attached or not.

import { command } from "../../cli/command.ts";
import { facts, heading, table, toned } from "../../cli/report.ts";
import { identifyController } from "../../controller/identify.ts";
import { useOf } from "../../controller/inventory.ts";
import { listNamespaces, type NamespaceInfo } from "../../controller/namespaces.ts";
import { exactDigits, formatBytes, type JsonObject } from "../../layout/mod.ts";

export const namespaceListVerb = command({
  name: "namespace list",
  group: "Change",
  summary: "Show all namespaces of a drive, and the controllers that have them",
  effect: "read",
  target: "drive",
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl namespace list /dev/nvme0", "sizes, formats, controllers, what is unallocated"],
    ["nvmectl namespace list /dev/nvme0 -o json", "the same for a machine"],
  ],
  async run(context) {
    const drive = await context.openDrive();
    const { mn, sn, tnvmcap, unvmcap, cntlid } = await identifyController(drive);
    const found = await listNamespaces(drive);
    return {
      json: {
        target: drive.target,
        sn,
        cntlid,
        total_bytes: Number(tnvmcap),
        ...exactDigits("total_bytes", tnvmcap),
        unallocated_bytes: Number(unvmcap),
        ...exactDigits("unallocated_bytes", unvmcap),
        namespaces: found.map(jsonOf),
      },
      blocks: [
        heading(`${drive.target}  ${mn}  serial ${sn}  controller ${cntlid}`),
        table(
          [">Nsid", "State", ">Size", ">Used", ">Block", ">Metadata", "Shared", "Controllers"],
          found.map(rowOf),
          "no namespaces",
        ),
        facts([
          ["Total", tnvmcap === 0n ? "not reported" : formatBytes(tnvmcap)],
          ["Unallocated", tnvmcap === 0n ? "not reported" : formatBytes(unvmcap)],
        ]),
      ],
    };
  },
});

function jsonOf({ nsid, active, namespace, controllers }: NamespaceInfo): JsonObject {
  const { sizeBytes, capacityBytes, usedBytes, blockBytes, metadataBytes } = useOf(namespace);
  return {
    nsid,
    active,
    size_bytes: Number(sizeBytes),
    ...exactDigits("size_bytes", sizeBytes),
    capacity_bytes: Number(capacityBytes),
    ...exactDigits("capacity_bytes", capacityBytes),
    used_bytes: Number(usedBytes),
    ...exactDigits("used_bytes", usedBytes),
    block_bytes: blockBytes,
    metadata_bytes: metadataBytes,
    shared: isShared(namespace),
    controllers: controllers === undefined ? null : [...controllers],
  };
}

function rowOf({ nsid, active, namespace, controllers }: NamespaceInfo) {
  const { sizeBytes, usedBytes, blockBytes, metadataBytes } = useOf(namespace);
  return [
    `${nsid}`,
    active ? toned("active", "good") : toned("not attached here", "dim"),
    formatBytes(sizeBytes),
    formatBytes(usedBytes),
    `${blockBytes ?? "?"}`,
    `${metadataBytes ?? "?"}`,
    isShared(namespace) ? "yes" : "no",
    controllers === undefined ? "-" : controllers.length === 0 ? "none" : controllers.join(", "),
  ];
}

function isShared({ nmic }: NamespaceInfo["namespace"]): boolean {
  return (Number(nmic.value) & 1) === 1;
}
