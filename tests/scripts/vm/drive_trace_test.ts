// Tests what is read out of QEMU's trace: the judge of our driver must not be blind.

import { assertEquals } from "@std/assert";
import {
  controllerLives,
  doorbellWrites,
  parseDriveTrace,
  registerReads,
  wrongAccesses,
} from "../../../scripts/vm/drive_trace.ts";

const LINES = `pci_nvme_mmio_read addr 0x0 size 4
pci_nvme_mmio_write addr 0x14 data 0x460060 size 4
pci_nvme_mmio_cfg wrote MMIO, config controller config=0x460060
pci_nvme_mmio_write addr 0x14 data 0x460061 size 4
pci_nvme_mmio_start_success setting controller enable bit succeeded
pci_nvme_mmio_write addr 0x1000 data 0x1 size 4
pci_nvme_mmio_doorbell_sq sqid 0 new_tail 1
pci_nvme_admin_cmd cid 0 sqid 0 opc 0x6 opname 'NVME_ADM_CMD_IDENTIFY'
pci_nvme_admin_cmd cid 1 sqid 0 opc 0x9 opname 'NVME_ADM_CMD_SET_FEATURES'
pci_nvme_setfeat cid 1 nsid 0x0 fid 0x7 save 0x0 cdw11 0x0
pci_nvme_io_cmd cid 2 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'
`;

Deno.test("parseDriveTrace() finds accesses, commands and features among QEMU's lines", () => {
  const seen = parseDriveTrace(LINES);
  assertEquals(seen.accesses.length, 4);
  assertEquals(seen.accesses[1], { kind: "write", offset: 0x14, width: 4, data: 0x460060n });
  assertEquals(seen.commands, [
    { queue: "admin", opcode: 6 },
    { queue: "admin", opcode: 9 },
    { queue: "io", opcode: 2 },
  ]);
  assertEquals(seen.features, [7]);
  assertEquals([registerReads(seen), doorbellWrites(seen)], [1, 1]);
  assertEquals([seen.undefinedBehaviour, wrongAccesses(seen)], [[], []]);
});

Deno.test("controllerLives() tells a shutdown before the end from an end without one", () => {
  const shutDown = "pci_nvme_mmio_write addr 0x14 data 0x464061 size 4\n";
  const disabled = "pci_nvme_mmio_write addr 0x14 data 0x460060 size 4\n";
  assertEquals(controllerLives(parseDriveTrace(LINES + shutDown + disabled)), {
    enabled: 1,
    shutDown: 1,
    cutOff: 0,
  });
  assertEquals(controllerLives(parseDriveTrace(LINES + disabled)), {
    enabled: 1,
    shutDown: 0,
    cutOff: 1,
  });
});

Deno.test("wrongAccesses() has narrow ones and reads of doorbells, undefined ones show too", () => {
  const seen = parseDriveTrace(
    "pci_nvme_mmio_write addr 0x24 data 0x1f size 1\n" +
      "pci_nvme_ub_mmiowr_toosmall MMIO write smaller than 32-bits, offset=0x24, size=1\n" +
      "pci_nvme_mmio_read addr 0x1004 size 4\n" +
      "pci_nvme_mmio_read addr 0x0 size 8\n",
  );
  assertEquals(wrongAccesses(seen).map(({ offset }) => offset), [0x24, 0x1004]);
  assertEquals(seen.undefinedBehaviour.length, 1);
});
