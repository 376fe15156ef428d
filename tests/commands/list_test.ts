// Tests of nvmectl list: one line a namespace, and the truth about what could not be asked.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { list } from "../../src/commands/list.ts";
import { UnreachableError, UsageError } from "../../src/errors.ts";
import type { JsonObject } from "../../src/layout/mod.ts";
import { type Ran, runCommand, type Surroundings, virtualDrive } from "../support/context.ts";
import { controller, namespace, topology } from "../support/topology.ts";

function run(around: Surroundings, ...words: string[]): Promise<Ran> {
  return runCommand(list, words, around);
}

function objects(json: JsonObject, key: string): readonly JsonObject[] {
  return json[key] as readonly JsonObject[];
}

const DENIED = new UnreachableError("Cannot open: permission denied", { code: "EACCES" });

Deno.test("list shows a namespace with what the drive says of it", async () => {
  const { text } = await run({
    topology: topology([controller("nvme0", { model: "M1", serial: "S1" })], [
      namespace("nvme0n1", ["nvme0"], { nsid: 3 }),
    ]),
    others: { "/dev/nvme0": virtualDrive("namespaces").transport },
  });
  const [titles = "", line = ""] = text.split("\n");
  assertMatch(
    titles,
    /^Device +Serial +Model +Firmware +Size +Used +Format +Transport +Address +Health/,
  );
  assertMatch(
    line,
    /^\/dev\/nvme0n1 +S1 +M1 +1\.0 +107 GB +0 B +4096 \+ 8 +pcie +0000:01:00\.0 +good$/,
  );
});

Deno.test("list never shortens a column", async () => {
  const model = "M".repeat(40);
  const address = "traddr=fe80::1234:5678:9abc:def0%eth0,trsvcid=4420,src_addr=fe80::1";
  const { text } = await run({
    topology: topology([controller("nvme0", { model, address })], [
      namespace("nvme0n1", ["nvme0"]),
    ]),
    others: { "/dev/nvme0": DENIED },
  });
  assertStringIncludes(text, model);
  assertStringIncludes(text, address);
});

Deno.test("list without root shows what the kernel knows, and says once what needs root", async () => {
  const { text, report } = await run({
    topology: topology([controller("nvme0"), controller("nvme1")], [
      namespace("nvme0n1", ["nvme0"]),
      namespace("nvme1n1", ["nvme1"], { metadataBytes: 8 }),
    ]),
    others: { "/dev/nvme0": DENIED, "/dev/nvme1": DENIED },
  });
  assertMatch(text, /nvme0n1 .* 1\.05 MB +- +512 +pcie .* -$/m);
  assertMatch(text, /nvme1n1 .* 1\.05 MB +- +512 \+ 8 +pcie .* -$/m);
  assertEquals(text.match(/need root/g)?.length, 1);
  assertEquals(report.exit, undefined);
});

Deno.test("list says why one drive does not answer, and lists the others", async () => {
  const { text, report } = await run({
    topology: topology([controller("nvme0"), controller("nvme1")], [
      namespace("nvme0n1", ["nvme0"]),
      namespace("nvme1n1", ["nvme1"]),
    ]),
    others: {
      "/dev/nvme0": new UnreachableError("Cannot reach it: no answer", { next: "look at dmesg" }),
      "/dev/nvme1": virtualDrive("critical").transport,
    },
  });
  assertMatch(text, /nvme0n1 .* no answer$/m);
  assertMatch(text, /nvme1n1 .* critical$/m);
  assertStringIncludes(text, "- /dev/nvme0: Cannot reach it: no answer (look at dmesg)");
  const [first, second] = objects(report.json, "controllers");
  assertEquals((first?.["error"] as JsonObject)["kind"], "unreachable");
  assertEquals((second?.["health"] as JsonObject)["verdict"], "critical");
});

Deno.test("list says that a controller is dead, without asking it", async () => {
  const { text } = await run({
    topology: topology([controller("nvme0", { state: "dead" })], []),
  });
  assertMatch(text, /^\/dev\/nvme0 .* dead$/m);
  assertStringIncludes(text, "/dev/nvme0 is dead: the kernel has given the drive up");
});

Deno.test("list shows a controller without namespaces, and what the kernel leaves out", async () => {
  const { text } = await run({
    topology: topology([controller("nvme0")], []),
    others: { "/dev/nvme0": virtualDrive("namespaces").transport },
  });
  assertMatch(text, /^\/dev\/nvme0 .* none .* good$/m);
  assertStringIncludes(text, "the kernel offers no device for: 1, 2, 3, 4, 9");
});

Deno.test("list shows a multipath namespace once, its paths below it, hidden devices never", async () => {
  const { text, report } = await run({
    topology: topology([controller("nvme0"), controller("nvme1", { state: "connecting" })], [
      namespace("nvme0n1", [
        { controller: "nvme0", name: "nvme0c0n1", anaState: "optimized" },
        { controller: "nvme1", name: "nvme0c1n1", anaState: "inaccessible", state: "connecting" },
      ]),
    ]),
    others: { "/dev/nvme0": virtualDrive().transport },
  });
  const lines = text.split("\n");
  assertMatch(lines[1] ?? "", /^\/dev\/nvme0n1 .* 2 paths .* good$/);
  assertMatch(lines[2] ?? "", /^ {2}via nvme0 \(optimized\) .* pcie .* good$/);
  assertMatch(lines[3] ?? "", /^ {2}via nvme1 .* connecting$/);
  assertEquals(text.includes("nvme0c0n1"), false);
  const [one] = objects(report.json, "namespaces");
  assertEquals((one?.["paths"] as readonly JsonObject[]).map((path) => path["name"]), [
    "nvme0c0n1",
    "nvme0c1n1",
  ]);
});

Deno.test("list names the character device of a namespace without a block device", async () => {
  const { text } = await run({
    topology: topology([controller("nvme0")], [
      namespace("nvme0n1", ["nvme0"], { hidden: true }),
      namespace("nvme0n2", ["nvme0"], { hidden: true, generic: undefined, nsid: 2 }),
    ]),
    others: { "/dev/nvme0": DENIED },
  });
  assertMatch(text, /^\/dev\/ng0n1 /m);
  assertMatch(text, /^nvme0n2 \(no device\) /m);
});

Deno.test("list orders nvme2 before nvme10, and controllers among namespaces", async () => {
  const { text } = await run({
    topology: topology([controller("nvme2"), controller("nvme5"), controller("nvme10")], [
      namespace("nvme2n1", ["nvme2"]),
      namespace("nvme10n1", ["nvme10"]),
    ]),
    others: { "/dev/nvme2": DENIED, "/dev/nvme5": DENIED, "/dev/nvme10": DENIED },
  });
  const devices = text.split("\n").slice(1, 4).map((line) => line.split(" ")[0]);
  assertEquals(devices, ["/dev/nvme2n1", "/dev/nvme5", "/dev/nvme10n1"]);
});

Deno.test("list of a machine without drives says so, names virtual:, and has empty arrays", async () => {
  const { text, report } = await run({});
  assertStringIncludes(text, "No NVMe drives");
  assertStringIncludes(text, "virtual:");
  assertEquals(report.json, { controllers: [], namespaces: [], subsystems: [] });
  assertEquals(report.exit, undefined);
});

Deno.test("list -v adds controller, namespace and subsystem details", async () => {
  const { text } = await run({
    topology: topology(
      [controller("nvme0", { cntlid: 0x21, numaNode: 1 })],
      [namespace("nvme0n1", [{ controller: "nvme0", anaState: "optimized" }], { eui: "0011" })],
      [{ name: "nvme-subsys0", nqn: "nqn.x", ioPolicy: "numa", controllers: ["nvme0"] }],
    ),
    others: { "/dev/nvme0": DENIED },
  }, "-v");
  assertMatch(text, /^nvme0 +live +io +0x0021 +pcie +0000:01:00\.0 +1 +nvme-subsys0$/m);
  assertMatch(text, /^nvme0n1 +1 +\/dev\/ng0n1 +0011 +nvme-subsys0 +nvme0 live optimized$/m);
  assertMatch(text, /^nvme-subsys0 +nqn\.x +numa +nvme0$/m);
});

Deno.test("list gives sizes to a machine exactly, and null for what is not known", async () => {
  const around = {
    topology: topology([controller("nvme0")], [
      namespace("nvme0n1", ["nvme0"], { capacityBytes: 2n ** 60n + 1n }),
    ]),
  };
  const { report } = await run({ ...around, others: { "/dev/nvme0": DENIED } }, "-o", "json");
  const [one] = objects(report.json, "namespaces");
  assertEquals(one?.["size_bytes_s"], "1152921504606846977");
  assertEquals([one?.["used_bytes"], one?.["nsze"]], [null, null]);
});

Deno.test("list takes no target, and the options of commands that talk to drives", async () => {
  await assertRejects(() => run({}, "/dev/nvme0"), UsageError, "one word too many");
  await run({}, "--dry-run", "--timeout", "5s", "--trace");
});
