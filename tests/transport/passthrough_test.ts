// Commands through the kernel's passthrough, against a device node that a test answers for.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type IoctlOutcome, SysError } from "../../ffi/mod.ts";
import { AssertionFailure, DeadlineError, UnreachableError, UsageError } from "../../src/errors.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";
import {
  type AddressedBuffer,
  type Argument,
  type PassthroughNode,
  PassthroughTransport,
} from "../../src/transport/passthrough.ts";
import type { Command } from "../../src/transport/transport.ts";

// The requests and errors as numbers from the kernel's headers, not from our own tables.
const ADMIN = 0xc0484e41;
const IO = 0xc0484e43;
const ADMIN64 = 0xc0504e47;
const IO64 = 0xc0504e48;
const RESCAN = 0x4e46;
const EINTR = 4;
const EACCES = 13;
const EINVAL = 22;
const ENODEV = 19;
const ENOTTY = 25;
const ENOMEM = 12;

const IDENTIFY: Command = { queue: "admin", opcode: 0x06, cdw10: 1 };
/** An I/O command without data. */
const VERIFY: Command = { queue: "io", opcode: 0x0c, nsid: 1 };

interface Call {
  readonly request: number;
  readonly slow: boolean;
  /** The structure as it was when the kernel got it. */
  readonly bytes: Uint8Array;
  readonly argument: Argument;
}

/** The address of the first buffer; each further one lies 64 KiB above. */
const FIRST_ADDRESS = 0x7f00_0000_0000n;

/** A device node whose kernel is a function. */
class FakeNode implements PassthroughNode {
  readonly calls: Call[] = [];
  open = true;
  #next = FIRST_ADDRESS;
  readonly #memory = new Map<bigint, Uint8Array>();

  constructor(
    readonly path: string,
    readonly kernel: (request: number, structure: DataView) => IoctlOutcome | number,
  ) {}

  call(request: number, argument: Argument, slow: boolean): Promise<IoctlOutcome> {
    const { bytes } = argument.structure;
    this.calls.push({ request, slow, bytes: bytes.slice(), argument });
    const answer = this.kernel(request, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    return Promise.resolve(
      typeof answer === "number" ? { result: -1, errno: answer } : answer,
    );
  }

  /** The memory at an address that was given out. */
  memory(address: number): Uint8Array {
    return this.#memory.get(BigInt(address)) ?? new Uint8Array(0);
  }

  allocate(length: number): AddressedBuffer {
    const address = this.#next;
    this.#next += 0x1_0000n;
    const bytes = new Uint8Array(length);
    this.#memory.set(address, bytes);
    return { bytes, address, [Symbol.dispose]: () => {} };
  }

  [Symbol.dispose](): void {
    this.open = false;
  }
}

const DONE: IoctlOutcome = { result: 0, errno: 0 };

function transportTo(kernel: FakeNode["kernel"]): {
  readonly node: FakeNode;
  readonly transport: PassthroughTransport;
} {
  const node = new FakeNode("/dev/nvme0", kernel);
  return { node, transport: new PassthroughTransport({ node }) };
}

function requests({ calls }: FakeNode): readonly number[] {
  return calls.map(({ request }) => request);
}

async function refusal(errno: number, command: Command = IDENTIFY): Promise<UnreachableError> {
  const { transport } = transportTo(() => errno);
  return await assertRejects(() => transport.submit(command), UnreachableError);
}

Deno.test("the structure has every field where the kernel's header puts it", async () => {
  const { node, transport } = transportTo(() => DONE);
  const data = transport.allocate(0x1000);
  const metadata = transport.allocate(0x40);
  await transport.submit({
    queue: "io",
    opcode: 0x0c,
    flags: 0x41,
    nsid: 0x11111111,
    cdw2: 0x22222222,
    cdw3: 0x33333333,
    cdw10: 0xaaaaaaaa,
    cdw11: 0xbbbbbbbb,
    cdw12: 0xcccccccc,
    cdw13: 0xdddddddd,
    cdw14: 0xeeeeeeee,
    cdw15: 0xffffffff,
    timeoutMs: 0x01020304,
    direction: "in",
    data,
    metadata,
  });
  const [call] = node.calls;
  assert(call);
  assertEquals(call.bytes.length, 80);
  const view = new DataView(call.bytes.buffer);
  assertEquals([view.getUint8(0), view.getUint8(1), view.getUint16(2, true)], [0x0c, 0x41, 0]);
  assertEquals(
    [4, 8, 12, 32, 36, 40, 44, 48, 52, 56, 60, 64, 68].map((at) => view.getUint32(at, true)),
    [
      0x11111111,
      0x22222222,
      0x33333333,
      0x40, // metadata_len
      0x1000, // data_len
      0xaaaaaaaa,
      0xbbbbbbbb,
      0xcccccccc,
      0xdddddddd,
      0xeeeeeeee,
      0xffffffff,
      0x01020304,
      0,
    ],
  );
  assertEquals(view.getBigUint64(16, true), FIRST_ADDRESS + 0x1_0000n, "metadata");
  assertEquals(view.getBigUint64(24, true), FIRST_ADDRESS, "addr");
  assertEquals(view.getBigUint64(72, true), 0n, "result");
});

Deno.test("fields that a command leaves out are zero", async () => {
  const { node, transport } = transportTo(() => DONE);
  await transport.submit({ queue: "admin", opcode: 0x06 });
  assertEquals(node.calls[0]?.bytes, Uint8Array.of(0x06, ...new Uint8Array(79)));
});

Deno.test("an admin command goes to the admin request, an I/O command to the I/O request", async () => {
  const { node, transport } = transportTo(() => DONE);
  await transport.submit(IDENTIFY);
  await transport.submit(VERIFY);
  assertEquals(requests(node), [ADMIN64, IO64]);
});

Deno.test("the 64-bit form brings both result dwords", async () => {
  const { transport } = transportTo((_, structure) => {
    structure.setBigUint64(72, 0xfedcba9876543210n, true);
    return DONE;
  });
  assertEquals(await transport.submit(IDENTIFY), { status: 0, result: 0xfedcba9876543210n });
});

Deno.test("a kernel without the 64-bit form gets the 32-bit one, and is not asked again", async () => {
  const { node, transport } = transportTo((request, structure) => {
    if (request === ADMIN64 || request === IO64) return ENOTTY;
    structure.setUint32(68, 0x89abcdef, true);
    return DONE;
  });
  assertEquals(await transport.submit(IDENTIFY), { status: 0, result: 0x89abcdefn });
  await transport.submit(IDENTIFY);
  assertEquals(requests(node), [ADMIN64, ADMIN, ADMIN]);
  assertEquals(node.calls.map(({ bytes }) => bytes.length), [80, 72, 72]);
});

Deno.test("each kind of queue finds out its form by itself", async () => {
  const { node, transport } = transportTo((request) => request === IO64 ? ENOTTY : DONE);
  await transport.submit(VERIFY);
  await transport.submit(IDENTIFY);
  await transport.submit(VERIFY);
  assertEquals(requests(node), [IO64, IO, ADMIN64, IO]);
});

Deno.test("a command that the drive refuses in the 32-bit form still settles the form", async () => {
  const { node, transport } = transportTo((request) =>
    request === ADMIN64 ? ENOTTY : { result: 0x4002, errno: 0 }
  );
  await transport.submit(IDENTIFY);
  await transport.submit(IDENTIFY);
  assertEquals(requests(node), [ADMIN64, ADMIN, ADMIN]);
});

Deno.test("a positive result is the drive's status, and no error", async () => {
  const { transport } = transportTo(() => ({ result: 0x610a, errno: 0 }));
  assertEquals((await transport.submit(IDENTIFY)).status, 0x610a);
});

Deno.test("a node that knows neither form is no NVMe device", async () => {
  const error = await refusal(ENOTTY);
  assertEquals(
    error.message,
    "Cannot send a command to /dev/nvme0: it is not an NVMe device: its driver does not know " +
      "NVMe commands (ENOTTY)",
  );
  assertEquals([error.code, error.exitCode], ["ENOTTY", 4]);
  assertEquals(error.next, "nvmectl list shows the NVMe devices of this machine");
});

Deno.test("a command that only root may send says so, and how", async () => {
  const error = await refusal(EACCES);
  assertStringIncludes(error.message, "only to root (CAP_SYS_ADMIN) (EACCES)");
  assertStringIncludes(error.next ?? "", "sudo nvmectl");
});

Deno.test("every refusal of the kernel has a code and a next step", async () => {
  for (
    const [errno, code, found] of [
      [ENODEV, "ENODEV", "the drive is gone"],
      [EINVAL, "EINVAL", "the kernel did not accept the command"],
      [ENOMEM, "ENOMEM", "the kernel has no memory for it"],
      [5, "EIO", "input/output error"],
      [4000, "errno 4000", "unknown error"],
    ] as const
  ) {
    const error = await refusal(errno);
    assertEquals(error.code, code);
    assertStringIncludes(error.message, found);
    assert(error.next !== undefined, code);
  }
});

Deno.test("a refusal other than ENOTTY does not try the other form", async () => {
  const { node, transport } = transportTo(() => EACCES);
  await assertRejects(() => transport.submit(IDENTIFY), UnreachableError);
  assertEquals(requests(node), [ADMIN64]);
});

Deno.test("EINTR means that the command ran out of time: its own, or the kernel's usual", async () => {
  for (
    const [command, limitMs] of [
      [IDENTIFY, 60_000],
      [VERIFY, 30_000],
      [{ ...IDENTIFY, timeoutMs: 5000 }, 5000],
    ] as const
  ) {
    const error = await refusal(EINTR, command);
    assert(error instanceof DeadlineError);
    assertEquals(error.limitMs, limitMs);
    assertEquals(
      error.message,
      "Cannot wait longer for /dev/nvme0 to complete a command: the kernel cancelled it, " +
        `after ${limitMs} ms or with a reset of the drive`,
    );
    assertStringIncludes(error.next ?? "", "may have been carried out");
  }
});

Deno.test("a slow command goes to another thread with all of its memory, others do not", async () => {
  const { node, transport } = transportTo(() => DONE);
  const data = transport.allocate(4096);
  const metadata = transport.allocate(64);
  await transport.submit({ ...IDENTIFY, data });
  await transport.submit({ ...VERIFY, slow: true, data, metadata });
  assertEquals(node.calls.map(({ slow }) => slow), [false, true]);
  assertEquals(node.calls[1]?.argument.data.length, 2);
});

Deno.test("a buffer of another transport is refused before the kernel sees anything", async () => {
  const { node, transport } = transportTo(() => DONE);
  const foreign = { bytes: new Uint8Array(4096), [Symbol.dispose]: () => {} };
  for (const part of [{ data: foreign }, { metadata: foreign }]) {
    await assertRejects(() => transport.submit({ ...IDENTIFY, ...part }), AssertionFailure);
  }
  assertEquals(node.calls.length, 0);
});

Deno.test("I/O to a namespace goes to its own node, opened once; admin commands do not", async () => {
  const controller = new FakeNode("/dev/nvme0", () => DONE);
  const namespace = new FakeNode("/dev/ng0n1", () => DONE);
  const opened: number[] = [];
  const transport = new PassthroughTransport({
    node: controller,
    openNamespace(nsid) {
      opened.push(nsid);
      return namespace;
    },
  });
  await transport.submit(VERIFY);
  await transport.submit(VERIFY);
  await transport.submit({ ...IDENTIFY, nsid: 1 });
  assertEquals(opened, [1]);
  assertEquals([requests(controller), requests(namespace)], [[ADMIN64], [IO64, IO64]]);
  await transport[Symbol.asyncDispose]();
  assertEquals([controller.open, namespace.open], [false, false]);
});

Deno.test("I/O to the node's own namespace, or to one that has no node, stays on the node", async () => {
  const node = new FakeNode("/dev/nvme0n1", () => DONE);
  const asked: number[] = [];
  const transport = new PassthroughTransport({
    node,
    nsid: 1,
    openNamespace: (nsid) => void asked.push(nsid),
  });
  await transport.submit(VERIFY);
  await transport.submit({ ...VERIFY, nsid: 7 });
  await transport.submit({ queue: "io", opcode: 0x00 });
  assertEquals(asked, [7]);
  assertEquals(node.calls.length, 3);
  assertEquals(transport.nsid, 1);
});

Deno.test("a namespace node that may not be opened is a refusal like any other", async () => {
  const transport = new PassthroughTransport({
    node: new FakeNode("/dev/nvme0", () => DONE),
    openNamespace() {
      throw new SysError("open /dev/ng0n1", EACCES);
    },
  });
  const error = await assertRejects(() => transport.submit(VERIFY), UnreachableError);
  assertEquals(error.message, "Cannot open /dev/ng0n1: permission denied (EACCES)");
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.next ?? "", "sudo nvmectl");
});

Deno.test("memory that the kernel does not have is a refusal like any other", async () => {
  const node = new FakeNode("/dev/nvme0", () => DONE);
  node.allocate = () => {
    throw new SysError("map 4 GiB", ENOMEM);
  };
  const transport = new PassthroughTransport({ node });
  const error = await assertRejects(
    () => Promise.resolve().then(() => transport.allocate(2 ** 32)),
    UnreachableError,
  );
  assertEquals(error.code, "ENOMEM");
  await assertRejects(() => transport.submit(IDENTIFY), UnreachableError);
});

Deno.test("rescan() asks the kernel to look again, and a node that cannot is left alone", async () => {
  const { node, transport } = transportTo(() => DONE);
  await transport.rescan();
  assertEquals(requests(node), [RESCAN]);
  await transportTo(() => ENOTTY).transport.rescan();
  const error = await assertRejects(
    () => transportTo(() => EACCES).transport.rescan(),
    UnreachableError,
  );
  assertEquals(error.code, "EACCES");
});

Deno.test("reset() asks the kernel, and says of a namespace that it is no controller", async () => {
  const { node, transport } = transportTo(() => DONE);
  await transport.reset("controller");
  await transport.reset("subsystem");
  assertEquals(requests(node), [0x4e44, 0x4e45]);
  const error = await assertRejects(
    () => transportTo(() => ENOTTY).transport.reset("controller"),
    UnreachableError,
    "it is no controller",
  );
  assertEquals(error.code, "ENOTTY");
  await assertRejects(
    () => transportTo(() => ENOTTY).transport.reset("subsystem"),
    UnreachableError,
    "it has no NVM Subsystem Reset",
  );
});

Deno.test("reset() of the subsystem returns when the controller takes commands again", async () => {
  let asked = 0;
  const node = new FakeNode("/dev/nvme0", (request) => {
    if (request !== ADMIN64) return DONE;
    // Host Path Error, as the kernel answers for a controller that it is making ready.
    return ++asked < 3 ? { result: 0x370, errno: 0 } : DONE;
  });
  const pauses: number[] = [];
  const clock = { now: () => 0, pause: (ms: number) => Promise.resolve(void pauses.push(ms)) };
  const transport = new PassthroughTransport({ node, clock });
  await transport.reset("subsystem");
  assertEquals(requests(node), [0x4e45, ADMIN64, ADMIN64, ADMIN64]);
  assertEquals(pauses.length, 2);
  await transport.reset("controller");
  assertEquals(requests(node).at(-1), 0x4e44, "for that the kernel waits itself");
});

Deno.test("while firmware starts that was committed here, what only asks is asked again", async () => {
  const START = { queue: "admin", opcode: 0x10, cdw10: 3 << 3 | 2 } as const;
  let time = 0;
  let liveAt = 0;
  let status = 0;
  const node = new FakeNode(
    "/dev/nvme0",
    () => ({ result: time < liveAt ? 0x370 : status, errno: 0 }),
  );
  const clock = { now: () => time, pause: (ms: number) => Promise.resolve(void (time += ms)) };
  const transport = new PassthroughTransport({ node, clock });
  const refused = (command: Command) =>
    assertRejects(() => transport.submit(command), UnreachableError, "on a lost path");
  liveAt = 1;
  await refused(IDENTIFY);
  liveAt = 0;
  // Another action starts nothing.
  await transport.submit({ ...START, cdw10: 1 << 3 | 2 });
  liveAt = 1;
  await refused(IDENTIFY);
  liveAt = 0;
  // Nor does an image that the drive rejects: Invalid Firmware Image.
  status = 0x107;
  assertEquals((await transport.submit(START)).status, status);
  status = 0;
  liveAt = 1;
  await refused(IDENTIFY);
  liveAt = 0;
  await transport.submit(START);
  liveAt = 2000;
  await refused(START);
  await refused(VERIFY);
  assertEquals(await transport.submit(IDENTIFY), { status: 0, result: 0n });
  assertEquals(time, 2000);
  liveAt = 1e9;
  await refused(IDENTIFY);
  assertEquals(time, 60_000, "as long as firmware may take, and no longer");
});

Deno.test("a command that the kernel gave up is lost alone, and others may be answered; one that it refused is not", async () => {
  const losses: unknown[] = [];
  const hostStatus = (status: number): IoctlOutcome => ({ result: status, errno: 0 });
  for (const outcome of [EINTR, hostStatus(0x370), hostStatus(0x371), EACCES, ENODEV]) {
    const { transport } = transportTo(() => outcome);
    const { loss } = await assertRejects(() => transport.submit(VERIFY), UnreachableError);
    losses.push(loss);
  }
  assertEquals(losses, ["late", "along", "late", undefined, undefined]);
});

/** A node whose namespaces have blocks of this format, by Identify Namespace. */
function formatted(format: { readonly lbads: number; readonly ms: number }, extended = false): {
  readonly node: FakeNode;
  readonly transport: PassthroughTransport;
} {
  const identify = IdentifyNamespace.encode({
    nsze: 1000n,
    lbaf: [{ ms: format.ms, lbads: format.lbads }],
    flbas: { mtelba: extended },
  });
  const made = transportTo((_request, structure) => {
    if (structure.getUint8(0) === 0x06) {
      const at = Number(structure.getBigUint64(24, true));
      made.node.memory(at).set(identify);
    }
    return DONE;
  });
  return made;
}

function ios({ calls }: FakeNode): number {
  return calls.filter(({ request }) => request === IO64).length;
}

Deno.test("a command that moves blocks never goes with less memory than the drive would use", async () => {
  const { node, transport } = formatted({ lbads: 12, ms: 8 });
  const read = { queue: "io", opcode: 0x02, nsid: 1, cdw12: 3 } as const;
  const buffers = (data: number, metadata: number) => ({
    data: transport.allocate(data),
    ...(metadata === 0 ? {} : { metadata: transport.allocate(metadata) }),
  });
  for (const opcode of [0x01, 0x02, 0x05, 0x7d]) {
    for (const [data, metadata] of [[4 * 4096, 31], [4 * 4096, 0], [3 * 4096, 32], [0, 32]]) {
      const error = await assertRejects(
        () => transport.submit({ ...read, opcode, ...buffers(data ?? 0, metadata ?? 0) }),
        UsageError,
      );
      assertStringIncludes(
        error.message,
        metadata === 32 ? "the drive transfers 16384" : "transfers 32",
      );
    }
  }
  assertEquals(ios(node), 0);
  await transport.submit({ ...read, ...buffers(4 * 4096, 32) });
  assertEquals([ios(node), requests(node).filter((one) => one === ADMIN64).length], [1, 1]);
  const whole = formatted({ lbads: 9, ms: 8 }, true);
  const data = whole.transport.allocate(8192);
  await whole.transport.submit({ ...read, cdw12: 14, data });
  const longer = { ...read, cdw12: 15, data };
  await assertRejects(() => whole.transport.submit(longer), UsageError, "8320");
});

Deno.test("how large blocks are is asked again after a command that may have changed it, and by those only who may", async () => {
  const { node, transport } = formatted({ lbads: 9, ms: 0 });
  const read = { queue: "io", opcode: 0x02, nsid: 1, data: transport.allocate(512) } as const;
  const asked = (): number => node.calls.filter(({ bytes }) => bytes[0] === 0x06).length;
  await transport.submit(read);
  await transport.submit({ ...IDENTIFY, opcode: 0x02 });
  await transport.submit(read);
  assertEquals(asked(), 1);
  await transport.submit({ ...IDENTIFY, opcode: 0x80 });
  await transport.submit(read);
  assertEquals(asked(), 2);
  const denied = transportTo((_request, structure) =>
    structure.getUint8(0) === 0x06 ? EACCES : DONE
  );
  await denied.transport.submit({ queue: "io", opcode: 0x02, nsid: 1 });
  assertEquals(ios(denied.node), 1);
});
