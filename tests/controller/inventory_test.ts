// Tests of the inventory: what a listing learns from the drives, and what it does without.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  judgementOf,
  namespaceAnswer,
  namespaceUse,
  needsPrivilege,
  surveyDrive,
  takeInventory,
  worstVerdict,
} from "../../src/controller/inventory.ts";
import { StatusError, UnreachableError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { virtualDrive } from "../support/context.ts";
import { scriptedTransport } from "../support/scripted.ts";
import { controller, namespace, topology } from "../support/topology.ts";

function opener(
  drives: Readonly<Record<string, Transport | Error>>,
): { open: (device: string) => Promise<Drive>; opened: string[] } {
  const opened: string[] = [];
  return {
    opened,
    open(device) {
      opened.push(device);
      const found = drives[device];
      if (found === undefined || found instanceof Error) {
        return Promise.reject(found ?? new Error(`nobody should open ${device}`));
      }
      return Promise.resolve(new Drive(found));
    },
  };
}

Deno.test("surveyDrive() asks for Identify, SMART and each namespace, and nothing else", async () => {
  const transport = scriptedTransport([
    { expect: { queue: "admin", opcode: 0x06, cdw10: 0x01, nsid: 0, length: 4096 } },
    { expect: { opcode: 0x02, nsid: 0xffffffff, cdw10: 0x007f0002, length: 512 } },
    { expect: { opcode: 0x06, cdw10: 0x00, nsid: 1, length: 4096 } },
    { expect: { opcode: 0x06, cdw10: 0x00, nsid: 7, length: 4096 }, status: 0x000b },
  ]);
  const survey = await surveyDrive(new Drive(transport), [1, 7]);
  transport.done();
  assertEquals(survey.health?.kind, "value");
  assertEquals(survey.namespaces.get(1)?.kind, "value");
  const refused = survey.namespaces.get(7);
  assert(refused?.kind === "error");
  assertInstanceOf(refused.error, StatusError);
});

Deno.test("surveyDrive() asks a discovery controller for neither health nor namespaces", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 0x01 }, data: IdentifyController.encode({ cntrltype: 2 }) },
  ]);
  const survey = await surveyDrive(new Drive(transport), [], { active: true });
  transport.done();
  assertEquals([survey.health, survey.active], [undefined, undefined]);
});

Deno.test("surveyDrive() keeps what it learned when the SMART log is refused", async () => {
  const transport = scriptedTransport([
    { expect: { opcode: 0x06 } },
    { expect: { opcode: 0x02 }, status: 0x0109 },
  ]);
  const { health } = await surveyDrive(new Drive(transport), []);
  assertEquals(health?.kind, "error");
});

Deno.test("takeInventory() reads sizes with metadata and the verdict from the drive", async () => {
  const machine = topology([controller("nvme0")], [namespace("nvme0n1", ["nvme0"], { nsid: 3 })]);
  const { open } = opener({ "/dev/nvme0": virtualDrive("namespaces").transport });
  const inventory = await takeInventory(machine, open);
  const [one] = machine.namespaces;
  assert(one);
  const use = namespaceUse(inventory, one);
  assertEquals([use?.blockBytes, use?.metadataBytes], [4096, 8]);
  assertEquals(use?.sizeBytes, (use?.identify.nsze ?? 0n) * 4096n);
  assertEquals(judgementOf(inventory.asked.get("nvme0"))?.verdict, "good");
});

Deno.test("takeInventory() goes on after a drive that does not answer", async () => {
  const machine = topology([controller("nvme0"), controller("nvme1")], [
    namespace("nvme0n1", ["nvme0"]),
    namespace("nvme1n1", ["nvme1"]),
  ]);
  const { open } = opener({
    "/dev/nvme0": new UnreachableError("Cannot reach /dev/nvme0: it is gone", { code: "ENODEV" }),
    "/dev/nvme1": virtualDrive().transport,
  });
  const { asked } = await takeInventory(machine, open);
  const failed = asked.get("nvme0");
  assert(failed?.kind === "failed");
  assertEquals(needsPrivilege(failed.error), false);
  assertEquals(asked.get("nvme1")?.kind, "answered");
});

Deno.test("takeInventory() does not ask a controller that the kernel says is not live", async () => {
  const machine = topology([controller("nvme0", { state: "dead" })], []);
  const { open, opened } = opener({});
  const { asked } = await takeInventory(machine, open);
  assertEquals(asked.get("nvme0"), { kind: "not-live", state: "dead" });
  assertEquals(opened, []);
});

Deno.test("takeInventory() asks about a shared namespace once, over an accessible path", async () => {
  const machine = topology([controller("nvme0"), controller("nvme1"), controller("nvme2")], [
    namespace("nvme0n1", [
      { controller: "nvme0", name: "nvme0c0n1", anaState: "inaccessible" },
      { controller: "nvme1", name: "nvme0c1n1", anaState: "optimized" },
      { controller: "nvme2", name: "nvme0c2n1", anaState: "optimized" },
    ]),
  ]);
  const { open } = opener({
    "/dev/nvme0": virtualDrive().transport,
    "/dev/nvme1": virtualDrive("warning").transport,
    "/dev/nvme2": virtualDrive().transport,
  });
  const inventory = await takeInventory(machine, open);
  const counts = [...inventory.asked.values()].map((one) =>
    one.kind === "answered" ? one.survey.namespaces.size : undefined
  );
  assertEquals(counts, [0, 1, 0]);
  assertEquals(worstVerdict(inventory, ["nvme0", "nvme1", "nvme2"]), "warning");
});

Deno.test("takeInventory() tries the next path where the first refuses", async () => {
  const machine = topology([controller("nvme0"), controller("nvme1")], [
    namespace("nvme0n1", ["nvme0", "nvme1"]),
  ]);
  const refusing = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 1 } },
    { expect: { opcode: 0x02 } },
    { expect: { opcode: 0x06, nsid: 1 }, status: 0x0302 },
  ]);
  const { open } = opener({ "/dev/nvme0": refusing, "/dev/nvme1": virtualDrive().transport });
  const inventory = await takeInventory(machine, open);
  const [one] = machine.namespaces;
  assert(one);
  assertEquals(namespaceAnswer(inventory, one)?.kind, "value");
});

Deno.test("takeInventory() names active namespaces that the kernel shows no device of", async () => {
  const machine = topology([controller("nvme0")], []);
  const { open } = opener({ "/dev/nvme0": virtualDrive("namespaces").transport });
  const { asked } = await takeInventory(machine, open);
  const one = asked.get("nvme0");
  assert(one?.kind === "answered");
  assertEquals(one.survey.active, [1, 2, 3, 4, 9]);
});

Deno.test("takeInventory() does not hide a fault of the program", async () => {
  const machine = topology([controller("nvme0")], []);
  const { open } = opener({ "/dev/nvme0": new TypeError("a bug") });
  await assertRejects(() => takeInventory(machine, open), TypeError);
});

Deno.test("needsPrivilege() knows EACCES and EPERM, and no other reason", () => {
  const error = (code: string): UnreachableError => new UnreachableError("Cannot", { code });
  assertEquals(["EACCES", "EPERM", "ENOENT"].map((code) => needsPrivilege(error(code))), [
    true,
    true,
    false,
  ]);
});
