// Format NVM: which namespaces it reaches, what is sent, and what is refused before.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  type FormatPlan,
  formatRemaining,
  type FormatRequest,
  planFormat,
  readFormatted,
  sendFormat,
  showsProgress,
} from "../../src/controller/format.ts";
import { SafetyError, StatusError, UnsupportedError, UsageError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import { preset, variant, VirtualDrive } from "../../src/drive/mod.ts";
import { directTransport } from "../../src/drive/mod.ts";
import { FakeClock, virtualDrive } from "../support/context.ts";
import { type Exchange, type Scripted, scriptedTransport } from "../support/scripted.ts";

type Fna = NonNullable<Parameters<typeof IdentifyController.encode>[0]["fna"]>;
type NamespaceInput = Parameters<typeof IdentifyNamespace.encode>[0];

const ALL = 0xffffffff;
const NAMESPACE: NamespaceInput = {
  nsze: 1_000_000,
  nlbaf: 1,
  lbaf: [{ lbads: 9 }, { lbads: 12 }],
};

function list(...nsids: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(1024).map((_, at) => nsids[at] ?? 0).buffer);
}

/** What planning reads: the controller, the lists of namespaces, each of them. */
function planning(
  { fna = {}, active = [1], allocated, lead = false, each = NAMESPACE, seen = active }: {
    fna?: Fna;
    active?: readonly number[];
    allocated?: readonly number[];
    /** Whether the list is read again to choose the only namespace. */
    lead?: boolean;
    each?: NamespaceInput;
    seen?: readonly number[];
  },
): Exchange[] {
  const controller = IdentifyController.encode({
    oacs: { fnvms: true, nms: allocated !== undefined },
    fna,
  });
  const lists: Exchange[] = [
    { expect: { opcode: 0x06, cdw10: 2 }, data: list(...active) },
    ...(allocated ? [{ expect: { opcode: 0x06, cdw10: 0x10 }, data: list(...allocated) }] : []),
    ...(lead ? [{ expect: { opcode: 0x06, cdw10: 2 }, data: list(...active) }] : []),
  ];
  return [
    { expect: { opcode: 0x06, cdw10: 1 }, data: controller },
    ...lists,
    ...seen.map((nsid): Exchange => ({
      expect: { opcode: 0x06, cdw10: 0, nsid },
      data: IdentifyNamespace.encode(each),
    })),
  ];
}

function scripted(script: readonly Exchange[]): { drive: Drive; transport: Scripted } {
  const transport = scriptedTransport(script);
  return { drive: new Drive(transport), transport };
}

function wish(changes: Partial<FormatRequest> = {}): FormatRequest {
  return {
    namespace: 1,
    secureErase: "none",
    metadataInline: false,
    protectionFirst: false,
    ...changes,
  };
}

async function planned(script: readonly Exchange[], request: FormatRequest): Promise<FormatPlan> {
  const { drive, transport } = scripted(script);
  const plan = await planFormat(drive, request);
  transport.done();
  return plan;
}

Deno.test("planFormat() formats the one namespace that was named", async () => {
  const plan = await planned(
    planning({ active: [1, 2], seen: [2] }),
    wish({ namespace: 2, blockSize: 4096 }),
  );
  assertEquals(plan.send, [2]);
  assertEquals(plan.affected, [2]);
  assertEquals(plan.everything, false);
  assertEquals(plan.layout.format.index, 1);
  assertEquals(plan.bytes, 512_000_000);
});

Deno.test("planFormat() takes a controller's only namespace and never one of several", async () => {
  const plan = await planned(planning({ lead: true }), wish({ namespace: undefined }));
  assertEquals(plan.send, [1]);
  const { drive } = scripted(planning({ active: [1, 2], lead: true }));
  await assertRejects(() => planFormat(drive, wish({ namespace: undefined })), UsageError, "has 2");
});

Deno.test("planFormat() refuses to reach further than the namespace that was named", async () => {
  const cases: readonly [Fna, FormatRequest["secureErase"], string][] = [
    [{ fns: true }, "none", "FNA bit 0"],
    [{ fns: true }, "user-data", "FNA bit 0"],
    [{ sens: true }, "user-data", "FNA bit 1"],
  ];
  for (const [fna, secureErase, words] of cases) {
    const { drive } = scripted(planning({ fna, active: [1, 2], allocated: [1, 2, 7] }));
    const error = await assertRejects(
      () => planFormat(drive, wish({ secureErase })),
      SafetyError,
      words,
    );
    assertStringIncludes(error.message, "1, 2, 7 would lose their data");
    assertStringIncludes(error.next ?? "", "--namespace all");
  }
});

Deno.test("planFormat() does not mind a wide format of a drive with one namespace", async () => {
  const plan = await planned(planning({ fna: { fns: true, sens: true } }), wish());
  assertEquals([plan.send, plan.everything], [[1], true]);
});

Deno.test("planFormat() does not mind erasing all when nothing is erased", async () => {
  const plan = await planned(
    planning({ fna: { sens: true }, active: [1, 2], seen: [1] }),
    wish(),
  );
  assertEquals(plan.affected, [1]);
});

Deno.test("planFormat() formats all with one command where the drive has one for that", async () => {
  const cases: readonly [Fna, FormatRequest["secureErase"], number[]][] = [
    [{}, "none", [ALL]],
    [{ fnvmbs: true }, "none", [1, 2]],
    [{ fnvmbs: true, fns: true }, "none", [1]],
    [{ fnvmbs: true, sens: true }, "user-data", [1]],
    [{ fnvmbs: true, fns: true }, "user-data", [1, 2]],
  ];
  for (const [fna, secureErase, send] of cases) {
    const script = planning({ fna, active: [1, 2] });
    const plan = await planned(script, wish({ namespace: "all", secureErase }));
    assertEquals(plan.send, send);
    assertEquals(plan.everything, true);
  }
});

Deno.test("planFormat() names every namespace there is when the drive formats all of them", async () => {
  const script = planning({ fna: { fns: true }, active: [1, 2], allocated: [1, 2, 7] });
  const plan = await planned(script, wish({ namespace: "all" }));
  assertEquals(plan.affected, [1, 2, 7]);
});

Deno.test("planFormat() refuses a namespace that is not active, and a drive without any", async () => {
  const one = scripted(planning({ active: [1, 3] }));
  await assertRejects(
    () => planFormat(one.drive, wish({ namespace: 2 })),
    UsageError,
    "not an active namespace",
  );
  const none = scripted(planning({ active: [] }));
  await assertRejects(() => planFormat(none.drive, wish({ namespace: "all" })), UsageError);
});

Deno.test("planFormat() refuses by what Identify Controller says", async () => {
  const without = scripted([{ expect: {}, data: IdentifyController.encode({}) }]);
  const error = await assertRejects(
    () => planFormat(without.drive, wish()),
    UnsupportedError,
    "OACS bit 1 is 0",
  );
  assertEquals(error.exitCode, 3);
  const { drive } = scripted(planning({}));
  await assertRejects(
    () => planFormat(drive, wish({ secureErase: "crypto" })),
    UnsupportedError,
    "FNA bit 2 is 0",
  );
});

Deno.test("planFormat() allows the time that the capacity needs, at most what the kernel can hold", async () => {
  const of = async (nsze: number, secureErase: FormatRequest["secureErase"]): Promise<number> =>
    (await planned(
      planning({ each: { ...NAMESPACE, nsze } }),
      wish({ secureErase }),
    )).timeoutMs;
  const terabyte = 1e12 / 512;
  assertEquals(await of(terabyte, "none"), 600_000 + 200_000);
  assertEquals(await of(terabyte, "user-data"), 600_000 + 20_000_000);
  assertEquals(await of(terabyte * 1000, "user-data"), 0xffffffff);
});

Deno.test("sendFormat() sends Format NVM as a slow command with its own time limit", async () => {
  const script = planning({ active: [1, 2], fna: { fnvmbs: true } });
  const format = { queue: "admin", opcode: 0x80, cdw10: 0x201, slow: true } as const;
  const { drive, transport } = scripted([
    ...script,
    { expect: { ...format, nsid: 1, timeoutMs: 682_000, length: 0 } },
    { expect: { ...format, nsid: 2, timeoutMs: 682_000, length: 0 } },
  ]);
  const request = wish({ namespace: "all", blockSize: 4096, secureErase: "user-data" });
  const plan = await planFormat(drive, request);
  assertEquals(plan.bytes, 1_024_000_000);
  await sendFormat(drive, { ...plan, timeoutMs: 682_000 });
  transport.done();
});

Deno.test("sendFormat() lists the formats there are when the drive refuses this one", async () => {
  const { drive } = scripted([...planning({}), { expect: { opcode: 0x80 }, status: 0x410a }]);
  const plan = await planFormat(drive, wish());
  const error = await assertRejects(
    () => sendFormat(drive, plan),
    StatusError,
    "Invalid Format (01h/0Ah)",
  );
  assertStringIncludes(error.next ?? "", "0: 512; 1: 4096");
});

Deno.test("sendFormat() says which namespaces were formatted before one was refused", async () => {
  const { drive } = scripted([
    ...planning({ active: [1, 2], fna: { fnvmbs: true } }),
    { expect: { opcode: 0x80, nsid: 1 } },
    { expect: { opcode: 0x80, nsid: 2 }, status: 0x0006 },
  ]);
  const plan = await planFormat(drive, wish({ namespace: "all" }));
  await assertRejects(
    () => sendFormat(drive, plan),
    StatusError,
    "namespace 1 was formatted before",
  );
});

Deno.test("formatRemaining() asks with the format's own time limit and forgives refusals", async () => {
  const each = { ...NAMESPACE, fpi: { fpis: true } };
  const ask = { opcode: 0x06, cdw10: 0, slow: true } as const;
  const { drive, transport } = scripted([
    ...planning({ active: [1, 2], each }),
    {
      expect: { ...ask, nsid: 1 },
      data: IdentifyNamespace.encode({ fpi: { fpis: true, rfnvm: 60 } }),
    },
    { expect: { ...ask, nsid: 2 }, status: 0x0182 },
    { expect: { ...ask, nsid: 1 }, status: 0x0182 },
    { expect: { ...ask, nsid: 2 }, status: 0x0182 },
  ]);
  const plan = await planFormat(drive, wish({ namespace: "all" }));
  assertEquals(showsProgress(plan), true);
  assertEquals(await formatRemaining(drive, plan), 60);
  assertEquals(await formatRemaining(drive, plan), undefined);
  assertEquals(transport.commands.at(-1)?.timeoutMs, plan.timeoutMs);
  transport.done();
});

Deno.test("readFormatted() asks afresh and finds a namespace that is not what was asked", async () => {
  const { drive, transport } = scripted([
    ...planning({}),
    { expect: { opcode: 0x80 } },
    { expect: { opcode: 0x06, nsid: 1 }, data: IdentifyNamespace.encode(NAMESPACE) },
  ]);
  const plan = await planFormat(drive, wish({ blockSize: 4096 }));
  await sendFormat(drive, plan);
  const [found] = await readFormatted(drive, plan);
  assertEquals(found?.asAsked, false);
  assertEquals(found?.layout?.format.index, 0);
  transport.done();
});

Deno.test("planFormat() enables LBA formats above 15 where it is the host, and formats with them", async () => {
  const { transport, drive: virtual } = virtualDrive("namespaces");
  const drive = new Drive(transport);
  const plan = await planFormat(drive, wish({ namespace: 2, lbaFormat: 17 }));
  await sendFormat(drive, plan);
  assertEquals((await readFormatted(drive, plan)).map(({ asAsked }) => asAsked), [true]);
  assertEquals(virtual.first.namespaces.find(2)?.state.format, 17);
});

Deno.test("planFormat() does not enable LBA formats above 15 in a dry run or behind the kernel", async () => {
  const request = wish({ namespace: 2, lbaFormat: 17 });
  const { transport } = virtualDrive("namespaces");
  const dry = new Drive(transport, { dryRun: true });
  await assertRejects(() => planFormat(dry, request), UnsupportedError, "dry run");
  const kernel = new Drive({ ...transport, kind: "passthrough" });
  await assertRejects(() => planFormat(kernel, request), UnsupportedError, "this kernel");
  const few = new Drive(virtualDrive().transport);
  await assertRejects(() => planFormat(few, request), UnsupportedError, "CTRATT bit 15 is 0");
});

Deno.test("a wide format of the virtual drive reaches what the plan says", async () => {
  const base = preset("namespaces");
  if (!base) throw new Error("no preset");
  const personality = variant(base, {
    formatting: { ...base.formatting, formatsAll: true, broadcast: false },
  });
  const clock = new FakeClock();
  const virtual = new VirtualDrive({ personality, now: () => clock.now(), seed: 1 });
  const drive = new Drive(directTransport(virtual, "virtual:"));
  await assertRejects(() => planFormat(drive, wish({ blockSize: 4096 })), SafetyError);
  const plan = await planFormat(drive, wish({ namespace: "all", blockSize: 4096 }));
  await sendFormat(drive, plan);
  assertEquals((await readFormatted(drive, plan)).every(({ asAsked }) => asAsked), true);
  assertEquals(virtual.first.namespaces.allocated().map(({ state }) => state.format), [
    6,
    6,
    6,
    6,
    6,
    6,
  ]);
});
