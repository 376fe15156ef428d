// What QEMU's drives saw of our driver in all the tests before: nothing that a drive takes amiss.

import { assert, assertEquals } from "@std/assert";
import {
  controllerLives,
  doorbellWrites,
  wrongAccesses,
} from "../../../../scripts/vm/drive_trace.ts";
import { nvmectl, shell } from "../../../support/guest.ts";
import { driveTrace, IOMMU_SERIAL, iommuTest, whileBound } from "../../../support/iommu_guest.ts";

/** Reads, the driver's own queues, Identify, logs, features, Abort, self-test. */
const ALLOWED_ADMIN = [0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0a, 0x14];
const ALLOWED_IO = [0x02];
const NUMBER_OF_QUEUES = 0x07;
const DOORBELLS = 0x1000;
/** Readers that were killed: nobody shut their controllers down. */
const KILLED = 1;

/** What a line of `--trace=FILE.ndjson` has, as far as it is looked at. */
interface Line {
  readonly event: string;
  readonly access?: string;
  readonly offset?: string;
  readonly value?: string;
  readonly queue?: string;
  readonly opcode?: string;
}

iommuTest(
  "--trace over pci: says what QEMU saw, registers and commands in their order",
  async (guest) => {
    await whileBound(guest, IOMMU_SERIAL.shapes, async (address) => {
      const path = "/run/pci-trace.ndjson";
      const words = ["read", "--pci", address, "--nsid", "1", "--lba", "0", "--blocks", "4096"];
      const { result, seen } = await driveTrace.during(
        guest,
        () => nvmectl(guest, [...words, "--out", "/dev/null", `--trace=${path}`]),
      );
      assertEquals(result.code, 0, result.stderr);
      const lines = (await shell(guest, `cat ${path}`)).trim().split("\n")
        .map((line) => JSON.parse(line) as Line);
      assertEquals(
        lines.filter(({ access }) => access === "write")
          .map(({ offset, value }) => [Number(offset), BigInt(value ?? "")]),
        seen.accesses.filter(({ kind, offset }) => kind === "write" && offset < DOORBELLS)
          .map(({ offset, data }) => [offset, data]),
      );
      const said = lines.filter(({ event }) => event === "command");
      for (const queue of ["admin", "io"]) {
        assertEquals(
          said.filter((one) => one.queue === queue).map(({ opcode }) => Number(opcode)),
          seen.commands.filter((one) => one.queue === queue).map(({ opcode }) => opcode),
        );
      }
      assert(said.some(({ queue }) => queue === "io"));
    });
  },
);

iommuTest("QEMU saw no undefined behaviour, narrow access or read of a doorbell", async () => {
  const seen = await driveTrace.read();
  assert(seen.accesses.length > 1000, `${seen.accesses.length} accesses`);
  assertEquals(seen.undefinedBehaviour, []);
  assertEquals(wrongAccesses(seen), []);
});

iommuTest("QEMU saw every controller shut down in order before it was disabled", async () => {
  const { enabled, shutDown, cutOff } = controllerLives(await driveTrace.read());
  assert(enabled > 50, `${enabled} times enabled`);
  assertEquals(cutOff, KILLED);
  assertEquals(shutDown, enabled - KILLED);
});

iommuTest("QEMU saw only commands of the list of reads", async () => {
  const seen = await driveTrace.read();
  const opcodes = (queue: "admin" | "io"): readonly number[] =>
    [...new Set(seen.commands.filter((one) => one.queue === queue).map(({ opcode }) => opcode))]
      .sort((a, b) => a - b);
  assertEquals(opcodes("admin").filter((opcode) => !ALLOWED_ADMIN.includes(opcode)), []);
  assertEquals(opcodes("io"), ALLOWED_IO);
  assertEquals(seen.features.filter((feature) => feature !== NUMBER_OF_QUEUES), []);
  assert(doorbellWrites(seen) > 0);
});

iommuTest("the kernel log has no fault of the IOMMU", async (guest) => {
  const log = await guest.dmesg();
  assertEquals(
    log.split("\n").filter((line) => /DMAR:.*fault|DMAR: \[DMA|VFIO.*fail/.test(line)),
    [],
  );
});
