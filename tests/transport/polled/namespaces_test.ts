// Which namespaces our own driver sends I/O commands to, and with how much memory.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { SafetyError, StatusError, UsageError } from "../../../src/errors.ts";
import { COMMAND_SET } from "../../../src/spec/identify/command_sets.ts";
import {
  encodeNamespaceDescriptors,
  NIDT,
} from "../../../src/spec/identify/namespace_descriptors.ts";
import { CC, CSS } from "../../../src/spec/registers.ts";
import type { PolledDriver } from "../../../src/transport/polled/driver.ts";
import type { Command } from "../../../src/transport/transport.ts";
import { personality } from "../../drive/bench.ts";
import { feedOf, OPCODE, PolledRig, readCommand, type RigOptions } from "../../support/polled.ts";

const SUCCESS = { status: 0, result: 0n };
const DESCRIPTORS = 0x03;

/** A drive whose namespaces have, as far as they say, this command set. */
function rigOf(nid: Uint8Array | undefined, options: RigOptions = {}): PolledRig {
  const rig = new PolledRig(options);
  rig.attach("nvme:admin:decode", ({ command: { opcode, cdw10 } }) => {
    if (opcode !== OPCODE.identify || (cdw10 & 0xff) !== DESCRIPTORS) return undefined;
    const uuid = { nidt: NIDT.uuid, nid: new Uint8Array(16).fill(7) };
    const sets = nid === undefined ? [] : [{ nidt: NIDT.csi, nid }];
    return { kind: "claim", data: encodeNamespaceDescriptors([uuid, ...sets]) };
  });
  return rig;
}

function ios({ commands }: PolledRig): readonly string[] {
  return commands.filter((name) => name.startsWith("io"));
}

function identifies({ commands }: PolledRig): number {
  return commands.filter((name) => name === "admin 06").length;
}

async function refusal(driver: PolledDriver, command: Command): Promise<string> {
  const { message } = await assertRejects(() => driver.submit(command), SafetyError);
  return message;
}

for (
  const [what, nid, says] of [
    ["the Key Value Command Set", Uint8Array.of(COMMAND_SET.kv), "has the Key Value Command Set"],
    ["Computational Programs", Uint8Array.of(COMMAND_SET.cp), "has the Computational Programs"],
    ["a command set that nobody knows", Uint8Array.of(0x3f), "has the command set 63"],
    ["a command set that is not said", undefined, "no command set is known"],
  ] as const
) {
  Deno.test(`no I/O command leaves for a namespace with ${what}, allowed or not`, async () => {
    const rig = rigOf(nid, { authorize: () => Promise.resolve() });
    const driver = await rig.open();
    for (const opcode of [OPCODE.read, 0x05, 0x0c, OPCODE.write, OPCODE.flush, 0x90]) {
      const message = await refusal(driver, { ...readCommand(driver, 0), opcode });
      assert(message.includes(says), message);
    }
    const feed = feedOf([readCommand(driver, 0)]);
    await assertRejects(() => driver.run(feed), SafetyError, says);
    assertEquals([ios(rig), feed.completions], [[], []]);
    await driver.close();
  });
}

Deno.test("a zoned namespace is read as one of the NVM Command Set", async () => {
  const rig = rigOf(Uint8Array.of(COMMAND_SET.zns));
  const driver = await rig.open();
  assertEquals(await driver.submit(readCommand(driver, 0)), SUCCESS);
  await driver.close();
});

Deno.test("a controller with the NVM Command Set alone is enabled with it, and not asked for others", async () => {
  const { identify } = personality("");
  const rig = rigOf(undefined, { drive: { identify: identify.filter((cns) => cns !== 0x1c) } });
  const driver = await rig.open();
  assertEquals(rig.counts.configurations.map((cc) => CC.parse(cc).css).at(-1), CSS.nvm);
  assertEquals(await driver.submit(readCommand(driver, 0)), SUCCESS);
  // Its own, and the namespace's format.
  assertEquals(identifies(rig), 2);
  await driver.close();
});

Deno.test("a namespace is asked about once, whoever wants to know, and again after a reset or a change", async () => {
  const rig = new PolledRig({ authorize: () => Promise.resolve() });
  const driver = await rig.open();
  const reads = (): Promise<unknown> =>
    Promise.all([0, 8, 16].map((slba) => driver.submit(readCommand(driver, slba))));
  await reads();
  await driver.run(feedOf([readCommand(driver, 0)]));
  assertEquals(identifies(rig), 1 + 2);
  // Set Features, Temperature Threshold: whatever may change something may change formats.
  await driver.submit({ queue: "admin", opcode: 0x09, cdw10: 0x04, cdw11: 0x0170 });
  await reads();
  assertEquals(identifies(rig), 1 + 4);
  await driver.reset("controller");
  await driver.run(feedOf([readCommand(driver, 0)]));
  assertEquals(identifies(rig), 1 + 6);
  await driver.close();
});

Deno.test("what a drive answers to I/O for a namespace that is not there stays its answer", async () => {
  const rig = new PolledRig();
  const driver = await rig.open();
  const { status } = await driver.submit(readCommand(driver, 0, { nsid: 77_777 }));
  assertEquals(status & 0x7ff, 0x0b);
  assertEquals((await driver.submit(readCommand(driver, 0, { nsid: 0 }))).status & 0x7ff, 0x0b);
  await driver.close();
});

Deno.test("a drive that does not say what a namespace is gets no I/O for it", async () => {
  const rig = new PolledRig();
  rig.fault("nvme:admin:decode", OPCODE.identify, { kind: "continue" });
  const driver = await rig.open();
  rig.attach("nvme:admin:decode", ({ command: { opcode, cdw10 } }) => {
    if (opcode !== OPCODE.identify || (cdw10 & 0xff) !== DESCRIPTORS) return undefined;
    return { kind: "claim", status: 0x0002 };
  });
  await assertRejects(
    () => driver.submit(readCommand(driver, 0)),
    StatusError,
    "Cannot learn about namespace 1 of virtual:: the drive answered Invalid Field in Command",
  );
  assertEquals(ios(rig), []);
  await driver.close();
});

Deno.test("a command with too little memory for its metadata never reaches the drive", async () => {
  const kind = personality("");
  const [first] = kind.namespaces;
  assert(first);
  const rig = new PolledRig({
    drive: {
      formats: [{ dataBytes: 4096, metadataBytes: 8, performance: 0 }],
      formatting: { ...kind.formatting, metadata: ["inline", "separate"], protection: [] },
      namespaces: [{ ...first, format: 0, metadataInline: false, protection: 0 }],
    },
  });
  const driver = await rig.open();
  const read = readCommand(driver, 0, { blocks: 4, blockBytes: 4096 });
  for (const metadata of [undefined, driver.allocate(31), driver.allocate(0)]) {
    const command = { ...read, ...(metadata ? { metadata } : {}) };
    await assertRejects(() => driver.submit(command), UsageError, "the drive transfers 32");
  }
  const short = { ...read, data: driver.allocate(8192), metadata: driver.allocate(32) };
  await assertRejects(() => driver.submit(short), UsageError, "the drive transfers 16384");
  assertEquals(ios(rig), []);
  assertEquals(await driver.submit({ ...read, metadata: driver.allocate(32) }), SUCCESS);
  await driver.close();
});
