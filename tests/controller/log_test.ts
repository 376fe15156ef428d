// Reading log pages: pieces, offsets, and what each piece asks for.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { type LogRequest, readLog, readLogBytes } from "../../src/controller/log.ts";
import { AssertionFailure, StatusError, UnsupportedError } from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { ErrorPage } from "../../src/spec/log/error.ts";
import { SmartPage } from "../../src/spec/log/smart.ts";
import { SMART_IMAGE } from "../golden/log/images.ts";
import { type Exchange, type Scripted, scriptedTransport } from "../support/scripted.ts";

const LID = 0xc0;

/** The answer to Identify Controller of a drive that can, or cannot, read pages in pieces. */
function identified(lpeds: boolean, more: { elpe?: number } = {}): Exchange {
  return {
    expect: { opcode: 0x06, cdw10: 0x01 },
    data: IdentifyController.encode({ lpa: { lpeds }, ...more }),
  };
}

/** Bytes that are different in each piece. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at >>> 8) ^ at);
}

async function read(
  script: readonly Exchange[],
  request: Omit<LogRequest, "lid">,
): Promise<readonly [Uint8Array, Scripted]> {
  const transport = scriptedTransport(script);
  const bytes = await readLogBytes(new Drive(transport), { lid: LID, ...request }, "read it");
  transport.done();
  return [bytes, transport];
}

Deno.test("a page of 512 bytes is one command for 128 dwords, 0's based", async () => {
  const data = pattern(512);
  const [bytes] = await read([{
    expect: {
      queue: "admin",
      opcode: 0x02,
      nsid: 0xffffffff,
      cdw10: 0x007f00c0,
      cdw11: 0,
      cdw12: 0,
      cdw13: 0,
      cdw14: 0,
      direction: "in",
      length: 512,
    },
    data,
  }], { length: 512 });
  assertEquals(bytes, data);
});

Deno.test("one dword is NUMD 0, and 4096 bytes are still one command", async () => {
  await read([{ expect: { cdw10: 0x000000c0, length: 4 } }], { length: 4 });
  await read([{ expect: { cdw10: 0x03ff00c0, length: 4096 } }], { length: 4096 });
});

Deno.test("a longer page comes in pieces of 4096 bytes, each at its offset, the rest last", async () => {
  const data = pattern(10_000);
  const piece = (first: number, cdw10: number, length: number): Exchange => ({
    expect: { opcode: 0x02, cdw10, cdw11: 0, cdw12: first, cdw13: 0, length },
    data: data.subarray(first, first + length),
  });
  const [bytes] = await read([
    identified(true),
    piece(0, 0x03ff80c0, 4096), // RAE is bit 15
    piece(4096, 0x03ff80c0, 4096),
    piece(8192, 0x01c300c0, 1808), // 452 dwords
  ], { length: 10_000 });
  assertEquals(bytes, data);
});

Deno.test("the event of a page is kept until the last piece, and beyond it only where asked", async () => {
  const rae = async (request: Omit<LogRequest, "lid">): Promise<readonly boolean[]> => {
    const pieces = Math.ceil(request.length / 4096);
    const script = pieces > 1 ? [identified(true)] : [];
    const logs = Array.from({ length: pieces }, () => ({ expect: { opcode: 0x02 } }));
    const [, { commands }] = await read([...script, ...logs], request);
    return commands.filter(({ opcode }) => opcode === 0x02)
      .map(({ cdw10 = 0 }) => (cdw10 & 0x8000) !== 0);
  };
  assertEquals(await rae({ length: 8192 }), [true, false]);
  assertEquals(await rae({ length: 8192, rae: true }), [true, true]);
  assertEquals(await rae({ length: 512 }), [false]);
  assertEquals(await rae({ length: 512, rae: true }), [true]);
});

Deno.test("an offset beyond 4 GiB uses both of its dwords, and pieces go on from it", async () => {
  await read([
    identified(true),
    { expect: { cdw12: 0xfffff000, cdw13: 0x1, length: 4096 } },
    { expect: { cdw12: 0x0, cdw13: 0x2, length: 4 } },
  ], { length: 4100, offset: 0x1_ffff_f000n });
});

Deno.test("everything else that a request says is in every piece of it", async () => {
  const expect = { nsid: 3, cdw11: 0xbeef0000, cdw14: 0x02000005 };
  await read([
    identified(true),
    { expect: { ...expect, cdw10: 0x03ffffc0 } }, // LSP is bits 14:8
    { expect: { ...expect, cdw10: 0x00007fc0 } },
  ], { length: 4100, nsid: 3, lsp: 0x7f, lsi: 0xbeef, uuidIndex: 5, csi: 2 });
});

Deno.test("a drive that knows no offsets gives a page of up to 16 KiB in one command", async () => {
  const data = pattern(16_384);
  const [bytes] = await read([
    identified(false),
    { expect: { cdw10: 0x0fff00c0, cdw12: 0, length: 16_384 }, data },
  ], { length: 16_384 });
  assertEquals(bytes, data);
});

Deno.test("what such a drive would answer with the wrong bytes is not asked for", async () => {
  for (const request of [{ length: 16_388 }, { length: 4, offset: 4n }]) {
    const error = await assertRejects(
      () => read([identified(false)], request),
      UnsupportedError,
      "Cannot read it: the drive sends only the first 16384 bytes of a page",
    );
    assertEquals(error.exitCode, 3);
  }
});

Deno.test("a piece that the drive refuses ends it, and says what was being read", async () => {
  await assertRejects(
    () =>
      read([identified(true), { expect: {} }, { expect: {}, status: 0x4109 }], { length: 8192 }),
    StatusError,
    "Cannot read it: the drive answered Invalid Log Page (01h/09h)",
  );
});

Deno.test("a page is read in whole dwords, and at least one", async () => {
  for (const length of [0, 2, 511]) {
    await assertRejects(() => read([], { length }), AssertionFailure, "whole dwords");
  }
});

Deno.test("readLog() asks for a registered page as its table says, and decodes it", async () => {
  const transport = scriptedTransport([
    identified(true),
    { expect: { nsid: 0xffffffff, cdw10: 0x007f0002, length: 512 }, data: SMART_IMAGE },
  ]);
  const { bytes, value } = await readLog(new Drive(transport), SmartPage);
  assertEquals(bytes, new Uint8Array(SMART_IMAGE));
  assertEquals(value.percentageUsed, 2);
});

Deno.test("readLog() asks for as many bytes as Identify says the page has", async () => {
  const transport = scriptedTransport([
    identified(true, { elpe: 2 }),
    { expect: { cdw10: 0x002f8001, length: 3 * 64 } },
  ]);
  await readLog(new Drive(transport), ErrorPage, { rae: true });
});

Deno.test("readLog() names a namespace only to pages that are about one", async () => {
  const transport = scriptedTransport([
    identified(true),
    { expect: { nsid: 5, cdw10: 0x007f0002 }, data: SMART_IMAGE },
    { expect: { nsid: 0xffffffff, cdw10: 0x000f0001 } },
  ]);
  const drive = new Drive(transport);
  await readLog(drive, SmartPage, { nsid: 5 });
  await readLog(drive, ErrorPage, { nsid: 5 });
});

Deno.test("readLog() names the page and the drive when it is refused", async () => {
  const transport = scriptedTransport([identified(true), { expect: {}, status: 0x4109 }]);
  await assertRejects(
    () => readLog(new Drive(transport), SmartPage),
    StatusError,
    "Cannot read the SMART / Health Information log of /dev/nvme9:",
  );
});
