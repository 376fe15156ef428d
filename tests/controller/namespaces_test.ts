// Namespaces: encodings, checks before anything is sent, lists of any size.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { directTransport, preset, VirtualDrive } from "../../src/drive/mod.ts";
import {
  attachedControllers,
  attachNamespace,
  createNamespace,
  type CreateWish,
  deleteNamespace,
  detachNamespace,
  listNamespaces,
  planCreate,
} from "../../src/controller/namespaces.ts";
import { leftBehind } from "../../src/controller/next_step.ts";
import { StatusError, UnreachableError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { encodeControllerList } from "../../src/spec/identify/identify_lists.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const MANAGES: Exchange = {
  expect: { opcode: 0x06, cdw10: 1 },
  data: IdentifyController.encode({ oacs: { nms: true } }),
};
const PLAIN = { shared: false, metadataInline: false, protectionFirst: false } as const;

function spacious(): Drive {
  return new Drive(virtualDrive("spacious").transport);
}

function wish(more: Partial<CreateWish> & Pick<CreateWish, "size">): CreateWish {
  return { ...PLAIN, ...more };
}

Deno.test("a create has size, capacity, format, protection and sharing where the specification has them", async () => {
  const drive = spacious();
  const { data, sizeBlocks, capacityBlocks } = await planCreate(
    drive,
    wish({
      size: { bytes: 2 ** 30 },
      capacityBytes: 2 ** 29,
      shared: true,
      anaGroup: 0x01020304,
      nvmSet: 0x0506,
      enduranceGroup: 0x0708,
    }),
  );
  const view = new DataView(data.buffer);
  assertEquals([view.getBigUint64(0, true), view.getBigUint64(8, true)], [
    sizeBlocks,
    capacityBlocks,
  ]);
  assertEquals(sizeBlocks * BigInt(512), 2n ** 30n);
  assertEquals([data[26], data[29], data[30]], [0, 0, 1]);
  assertEquals(view.getUint32(92, true), 0x01020304);
  assertEquals([view.getUint16(100, true), view.getUint16(102, true)], [0x0506, 0x0708]);
  assertEquals(data.length, 4096);
});

Deno.test("a create is Namespace Management with SEL 0h, and its answer names the namespace", async () => {
  const bytes = new Uint8Array(4096).fill(7);
  const transport = scriptedTransport([{
    expect: { queue: "admin", opcode: 0x0d, cdw10: 0, direction: "out", sent: bytes, slow: true },
    result: 5n,
  }]);
  assertEquals(await createNamespace(new Drive(transport), { data: bytes }), 5);
  transport.done();
});

Deno.test("a delete is Namespace Management with SEL 1h", async () => {
  const transport = scriptedTransport([
    MANAGES,
    { expect: { queue: "admin", opcode: 0x0d, nsid: 3, cdw10: 1, slow: true } },
  ]);
  await deleteNamespace(new Drive(transport), 3);
  transport.done();
});

for (
  const [name, send, cdw10] of [
    ["an attach", attachNamespace, 0],
    ["a detach", detachNamespace, 1],
  ] as const
) {
  Deno.test(`${name} is Namespace Attachment with SEL ${cdw10}h and a sorted controller list`, async () => {
    const transport = scriptedTransport([MANAGES, {
      expect: {
        queue: "admin",
        opcode: 0x15,
        nsid: 2,
        cdw10,
        direction: "out",
        sent: encodeControllerList([0, 3, 9]),
        slow: true,
      },
    }]);
    await send(new Drive(transport), 2, [9, 0, 3, 3]);
    transport.done();
  });
}

Deno.test("more controllers than a list holds take further commands", async () => {
  const all = Array.from({ length: 4100 }, (_, at) => at);
  const lists = [all.slice(0, 2047), all.slice(2047, 4094), all.slice(4094)];
  const transport = scriptedTransport([
    MANAGES,
    ...lists.map((part) => ({ expect: { opcode: 0x15, sent: encodeControllerList(part) } })),
  ]);
  await attachNamespace(new Drive(transport), 1, all);
  transport.done();
});

Deno.test("a controller list that goes on in further pages is read to its end", async () => {
  const first = Array.from({ length: 2047 }, (_, at) => at);
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, nsid: 1, cdw10: 0x12 }, data: encodeControllerList(first) },
    {
      expect: { opcode: 0x06, nsid: 1, cdw10: ((2047 << 16) | 0x12) >>> 0 },
      data: encodeControllerList([3000]),
    },
  ]);
  assertEquals(await attachedControllers(new Drive(transport), 1), [...first, 3000]);
});

Deno.test("an attach to a controller that does not exist names the status and the namespace", async () => {
  const drive = spacious();
  const nsid = await createNamespace(
    drive,
    await planCreate(drive, wish({ size: { bytes: 1 << 20 } })),
  );
  const error = await assertRejects(() => attachNamespace(drive, nsid, [77]), StatusError);
  assertStringIncludes(error.message, `Cannot attach namespace ${nsid} to controller 77`);
  assertStringIncludes(error.message, "Controller List Invalid (01h/1Ch)");
  const told = leftBehind(error, nsid) as StatusError;
  assertStringIncludes(told.next ?? "", `namespace ${nsid} was created and stays`);
});

Deno.test("a size beyond what is unallocated is refused before anything is sent", async () => {
  const error = await assertRejects(
    () => planCreate(spacious(), wish({ size: { bytes: 2 ** 50 } })),
    UnsupportedError,
  );
  assertStringIncludes(error.message, "are unallocated");
  await assertRejects(
    () => planCreate(spacious(), wish({ size: { blocks: 10n }, capacityBytes: 1 << 20 })),
    UsageError,
    "need no more than its size",
  );
  await assertRejects(
    () => planCreate(spacious(), wish({ size: { bytes: 1 << 20 }, lbaFormat: 63 })),
    UnsupportedError,
    "LBA format 63",
  );
});

for (const lbaFormat of [0, 1, 2, 3, 4]) {
  Deno.test(`all that is unallocated is room for what is made in format ${lbaFormat}`, async () => {
    const drive = spacious();
    const plan = await planCreate(drive, wish({ size: "all", lbaFormat }));
    const { blockBytes } = plan.layout.format;
    const granule = Math.floor((plan.granularity ?? blockBytes) / blockBytes);
    assertEquals(plan.sizeBlocks % BigInt(granule), 0n, "in whole granules");
    assert(await createNamespace(drive, plan) > 0);
  });
}

Deno.test("a drive that says that more is unallocated than a namespace can have is asked for the most", async () => {
  const drive = new Drive(scriptedTransport([
    {
      expect: { opcode: 0x06, cdw10: 1 },
      data: IdentifyController.encode({
        oacs: { nms: true },
        tnvmcap: 2n ** 128n - 1n,
        unvmcap: 2n ** 128n - 1n,
      }),
    },
    {
      expect: { opcode: 0x06, cdw10: 0 },
      data: IdentifyNamespace.encode({ lbaf: [{ lbads: 9 }] }),
    },
  ]));
  assertEquals((await planCreate(drive, wish({ size: "all" }))).sizeBlocks, 2n ** 64n - 1n);
});

Deno.test("a format above 15 is enabled before it is asked for, where we are the host", async () => {
  const base = preset("spacious");
  const wide = preset("namespaces");
  assert(base && wide);
  const { formats, extendedFormats, formatting } = wide;
  const virtual = new VirtualDrive({
    personality: { ...base, formats, extendedFormats, formatting },
    now: () => 0,
    seed: 1,
  });
  const transport = directTransport(virtual, "virtual:");
  const drive = new Drive(transport);
  const plan = await planCreate(drive, wish({ size: { bytes: 1 << 20 }, lbaFormat: 17 }));
  assertEquals(plan.layout.format.index, 17);
  const nsid = await createNamespace(drive, plan);
  assertEquals(virtual.first.namespaces.find(nsid)?.state.format, 17);
  const kernel = new Drive({
    ...directTransport(new VirtualDrive({ personality: wide, now: () => 0, seed: 1 }), "virtual:"),
    kind: "passthrough",
  });
  await assertRejects(
    () => planCreate(kernel, wish({ size: { bytes: 1 << 20 }, lbaFormat: 17 })),
    UnsupportedError,
    "this kernel has not enabled formats above 15",
  );
});

Deno.test("a drive that does not report capacity is not asked for all of it", async () => {
  const drive = new Drive(scriptedTransport([
    MANAGES,
    {
      expect: { opcode: 0x06, cdw10: 0 },
      data: IdentifyNamespace.encode({ lbaf: [{ lbads: 9 }] }),
    },
  ]));
  const error = await assertRejects(
    () => planCreate(drive, wish({ size: "all" })),
    UnsupportedError,
    "it does not say how much is unallocated",
  );
  assertEquals(error.next, "--size or --blocks in place of --all");
});

Deno.test("a namespace that was made is named also where the drive is gone before the attach", () => {
  const gone = new UnreachableError("Cannot reach it", { code: "ENODEV", next: "see dmesg" });
  const told = leftBehind(gone, 7) as UnreachableError;
  assertEquals(told.code, "ENODEV");
  assertStringIncludes(told.next ?? "", "see dmesg; namespace 7 was created and stays");
});

Deno.test("a drive without namespace management is told apart", async () => {
  const drive = new Drive(scriptedTransport([
    { expect: { opcode: 0x06 }, data: IdentifyController.encode({}) },
  ]));
  await assertRejects(
    () => planCreate(drive, wish({ size: "all" })),
    UnsupportedError,
    "OACS bit 3",
  );
});

Deno.test("a new namespace is allocated, attached, seen, detached and deleted", async () => {
  const drive = spacious();
  const before = await listNamespaces(drive);
  const nsid = await createNamespace(
    drive,
    await planCreate(drive, wish({ size: { bytes: 1 << 20 } })),
  );
  const states = async () =>
    (await listNamespaces(drive)).filter((one) => one.nsid === nsid)
      .map(({ active, controllers }) => [active, controllers?.length]);
  assertEquals(await states(), [[false, 0]]);
  const { cntlid } = IdentifyController.decode(
    await drive.read({ queue: "admin", opcode: 6, cdw10: 1, length: 4096 }, "identify"),
  );
  await attachNamespace(drive, nsid, [cntlid]);
  assertEquals(await states(), [[true, 1]]);
  await detachNamespace(drive, nsid, [cntlid]);
  assertEquals(await states(), [[false, 0]]);
  await deleteNamespace(drive, nsid);
  assertEquals((await listNamespaces(drive)).length, before.length);
});
