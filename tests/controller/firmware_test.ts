// Firmware: slots as the drive describes them, pieces of a download, commits.

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import {
  commitFirmware,
  describeFirmware,
  downloadFirmware,
  planDownload,
  readFirmware,
} from "../../src/controller/firmware.ts";
import { buildFirmwareImage } from "../../src/drive/model/firmware_image.ts";
import {
  InterruptedError,
  StatusError,
  UnreachableError,
  UnsupportedError,
  UsageError,
} from "../../src/errors.ts";
import { COMMIT_ACTION } from "../../src/spec/admin/firmware.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { FirmwareLog } from "../../src/spec/log/firmware.ts";
import { virtualDrive } from "../support/context.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

type Fields = Parameters<typeof IdentifyController.encode>[0];

/** What a drive with these fields says of itself. */
function controller(fields: Fields): IdentifyController {
  return IdentifyController.decode(IdentifyController.encode(fields));
}

const TAKES = { oacs: { fwds: true } } as const;

function identified(fields: Fields): Exchange {
  return { expect: { opcode: 0x06, cdw10: 1 }, data: IdentifyController.encode(fields) };
}

Deno.test("slots, rules and units are those of FRMW, FWUG, MTFA and the log", () => {
  const log = FirmwareLog.decode(FirmwareLog.encode({
    activeFirmware: { slot: 2, nextSlot: 3 },
    revisions: ["1.0", "1.1", "2.0", "", "", "", ""],
  }));
  const found = describeFirmware(
    controller({
      fr: "1.1",
      frmw: { ffsro: true, nofs: 4, fawr: true, smud: true },
      fwug: 2,
      mtfa: 30,
    }),
    log,
  );
  assertEquals(found.slots, [
    { slot: 1, revision: "1.0", active: false, next: false, readOnly: true },
    { slot: 2, revision: "1.1", active: true, next: false, readOnly: false },
    { slot: 3, revision: "2.0", active: false, next: true, readOnly: false },
    { slot: 4, revision: "", active: false, next: false, readOnly: false },
  ]);
  assertEquals(
    [found.granularity, found.activationMs, found.activatesWithoutReset, found.detectsOverlap],
    [8192, 3000, true, true],
  );
});

Deno.test("a granularity of 0 is not reported, and FFh is none", () => {
  const log = FirmwareLog.decode(new Uint8Array(512));
  assertEquals(describeFirmware(controller({ fwug: 0 }), log).granularity, undefined);
  assertEquals(describeFirmware(controller({ fwug: 0xff }), log).granularity, 4);
  assertEquals(describeFirmware(controller({ mtfa: 0 }), log).activationMs, undefined);
});

Deno.test("pieces are the largest multiples of FWUG that MDTS allows", () => {
  const chunk = (mdts: number, fwug: number): number =>
    planDownload(controller({ ...TAKES, mdts, fwug }), 1 << 20).chunk;
  assertEquals(chunk(5, 1), 128 * 1024);
  assertEquals(chunk(1, 1), 8192);
  assertEquals(chunk(3, 0), 32 * 1024);
  assertEquals(chunk(0, 0xff), 256 * 1024, "no limit of the drive's own");
  assertEquals(planDownload(controller({ ...TAKES, mdts: 5, fwug: 3 }), 3 << 18).chunk, 122880);
  assertEquals(chunk(1, 4), 16384, "FWUG above MDTS: one granule");
});

Deno.test("an image that cannot be right is refused by what is wrong with it", () => {
  const drive = controller({ ...TAKES, mdts: 5, fwug: 1 });
  const refusal = (bytes: number, options = {}): string =>
    assertThrows(() => planDownload(drive, bytes, options), UsageError).message;
  assertStringIncludes(refusal(0), "the file is empty");
  assertStringIncludes(refusal(4098), "its 4,098 bytes are not whole dwords");
  assertStringIncludes(refusal(5000), "its 5,000 bytes are not a multiple of 4096");
  assertStringIncludes(refusal(2 ** 31), "need at most 1,073,741,824");
  assertStringIncludes(refusal(8192, { offset: 8192 }), "Cannot begin at byte 8192");
  assertStringIncludes(refusal(8192, { offset: 4 }), "need a multiple of 4096 below 8192");
  assertStringIncludes(refusal(8192, { offset: 2, chunk: 4 }), "need a multiple of 4 below 8192");
  assertStringIncludes(refusal(8192, { chunk: 6 }), "Cannot use pieces of 6 bytes");
  assertStringIncludes(refusal(8192, { chunk: 1 << 20 }), "at most 131072 (MDTS)");
  assertEquals(planDownload(drive, 5000, { chunk: 4096 }).pieces, 2, "by hand it is sent");
});

Deno.test("a drive that takes no firmware is not sent any", () => {
  assertThrows(() => planDownload(controller({}), 4096), UnsupportedError, "OACS bit 2");
});

Deno.test("a download sends every byte once, NUMD 0's based and OFST in dwords", async () => {
  const image = Uint8Array.from({ length: 20480 }, (_, at) => at & 0xff);
  const piece = (at: number, length: number): Exchange => ({
    expect: {
      queue: "admin",
      opcode: 0x11,
      nsid: 0,
      cdw10: length / 4 - 1,
      cdw11: at / 4,
      direction: "out",
      length,
      sent: image.slice(at, at + length),
    },
  });
  const transport = scriptedTransport([
    identified({ ...TAKES, mdts: 1, fwug: 1 }),
    piece(0, 8192),
    piece(8192, 8192),
    piece(16384, 4096),
  ]);
  const told: number[] = [];
  const plan = await downloadFirmware(new Drive(transport), image, {
    progress: (bytes) => void told.push(bytes),
  });
  transport.done();
  assertEquals(plan, { offset: 0, chunk: 8192, pieces: 3 });
  assertEquals(told, [8192, 16384, 20480]);
});

Deno.test("pieces halve where the kernel takes none of that length, in whole granules", async () => {
  const tooLong = new UnreachableError("Cannot send: EINVAL", { code: "EINVAL" });
  const piece = (length: number, cdw11: number) => ({ expect: { opcode: 0x11, cdw11, length } });
  // MDTS allows 28 KiB of it at once, FWUG is 4 KiB.
  const transport = scriptedTransport([
    identified({ ...TAKES, mdts: 3, fwug: 1 }),
    { ...piece(28672, 0), error: tooLong },
    piece(12288, 0),
    piece(12288, 3072),
    piece(4096, 6144),
  ]);
  const { chunk, pieces } = await downloadFirmware(new Drive(transport), new Uint8Array(28672));
  assertEquals([chunk, pieces], [12288, 3]);
  transport.done();
});

Deno.test("pieces do not halve below a granule, nor where their length was named", async () => {
  const tooLong = new UnreachableError("Cannot send: EINVAL", { code: "EINVAL" });
  for (const options of [{ chunk: 8192 }, {}]) {
    const refused = { expect: { opcode: 0x11, length: 8192 }, error: tooLong };
    const transport = scriptedTransport([identified({ ...TAKES, mdts: 3, fwug: 2 }), refused]);
    const drive = new Drive(transport);
    await assertRejects(
      () => downloadFirmware(drive, new Uint8Array(8192), options),
      UnreachableError,
    );
    transport.done();
  }
});

Deno.test("a piece that the drive refuses is named, and from where to go on", async () => {
  const transport = scriptedTransport([
    identified({ ...TAKES, mdts: 1, fwug: 1 }),
    { expect: { opcode: 0x11 } },
    { expect: { opcode: 0x11 }, status: 0x114 },
  ]);
  const error = await assertRejects(
    () => downloadFirmware(new Drive(transport), new Uint8Array(16384)),
    StatusError,
  );
  assertStringIncludes(error.message, "Cannot download bytes 8192 to 16383 of 16384");
  assertStringIncludes(error.message, "Overlapping Range (01h/14h)");
  assertStringIncludes(error.next ?? "", "firmware download --offset 8192 goes on from this piece");
});

Deno.test("a drive that goes away meanwhile leaves no doubt about its firmware", async () => {
  const transport = scriptedTransport([
    identified({ ...TAKES, mdts: 1, fwug: 1 }),
    { expect: { opcode: 0x11 } },
    {
      expect: { opcode: 0x11 },
      error: new UnreachableError("Cannot reach it", { code: "ENODEV", next: "look at dmesg" }),
    },
  ]);
  const error = await assertRejects(
    () => downloadFirmware(new Drive(transport), new Uint8Array(16384)),
    UnreachableError,
  );
  assertEquals(error.code, "ENODEV");
  assertStringIncludes(error.next ?? "", "look at dmesg; nothing is committed");
});

Deno.test("an interrupted download says that nothing is committed, and how to go on", async () => {
  const interrupts = new AbortController();
  const transport = scriptedTransport([
    identified({ ...TAKES, mdts: 1, fwug: 1 }),
    { expect: { opcode: 0x11 } },
  ]);
  const error = await assertRejects(
    () =>
      downloadFirmware(new Drive(transport), new Uint8Array(16384), {
        signal: interrupts.signal,
        progress: () => interrupts.abort(new InterruptedError("Interrupted by SIGINT", 130)),
      }),
    InterruptedError,
  );
  assertStringIncludes(error.message, "Stopped after 8192 of 16384 bytes");
  assertStringIncludes(error.message, "nothing is committed");
  assertStringIncludes(error.next ?? "", "--offset 8192");
});

Deno.test("a commit encodes slot, action and boot partition where the specification has them", async () => {
  const cases = [
    [{ slot: 3, action: COMMIT_ACTION.activateNow }, 0x1b],
    [{ slot: 0, action: COMMIT_ACTION.replace }, 0x00],
    [{ slot: 7, action: COMMIT_ACTION.activateAtReset }, 0x17],
    [{ slot: 0, action: COMMIT_ACTION.replaceBootPartition, bootPartition: 1 }, 0x8000_0030],
  ] as const;
  for (const [commit, cdw10] of cases) {
    const transport = scriptedTransport([
      { expect: { queue: "admin", opcode: 0x10, cdw10, slow: true } },
    ]);
    await commitFirmware(new Drive(transport), commit);
    transport.done();
  }
});

Deno.test("a reset that the drive still needs is success, and named", async () => {
  const needs = async (status: number): Promise<string | undefined> => {
    const drive = new Drive(scriptedTransport([{ expect: { opcode: 0x10 }, status }]));
    return (await commitFirmware(drive, { slot: 1, action: 1 })).needs;
  };
  assertEquals(await needs(0), undefined);
  assertEquals(await needs(0x10b), "conventional");
  assertEquals(await needs(0x110), "subsystem");
  assertEquals(await needs(0x111), "controller");
  assertEquals(await needs(0x112), "time");
});

Deno.test("an overlapping download is reported from the completion's dword 0", async () => {
  const drive = new Drive(scriptedTransport([{ expect: { opcode: 0x10 }, result: 2n }]));
  assertEquals((await commitFirmware(drive, { slot: 1, action: 0 })).overlapped, true);
});

Deno.test("a commit that fails tells of the download in between, when there was one", async () => {
  const refused = async (result: bigint): Promise<StatusError> => {
    const script = [{ expect: { opcode: 0x10 }, status: 0x4107, result }];
    return await assertRejects(
      () => commitFirmware(new Drive(scriptedTransport(script)), { slot: 1, action: 0 }),
      StatusError,
      "Cannot commit firmware on /dev/nvme9: the drive answered Invalid Firmware Image (01h/07h)",
    );
  };
  for (const [result, told] of [[0n, false], [1n, true], [2n, true], [3n, true]] as const) {
    const { message, next, status } = await refused(result);
    assertEquals(status, 0x4107);
    assertEquals(message.includes("Another download went on at the same time"), told);
    assertEquals(/download it again\./.test(next ?? ""), true, "the next step of the status");
    assertEquals(/See that nobody else updates this drive/.test(next ?? ""), told);
  }
});

for (
  const [status, said] of [
    [0x107, "Invalid Firmware Image (01h/07h)"],
    [0x106, "Invalid Firmware Slot (01h/06h)"],
    [0x113, "Firmware Activation Prohibited (01h/13h)"],
    [0x114, "Overlapping Range (01h/14h)"],
  ] as const
) {
  Deno.test(`a commit that ends with ${said} has its own sentence and next step`, async () => {
    const drive = new Drive(scriptedTransport([{ expect: { opcode: 0x10 }, status }]));
    const error = await assertRejects(
      () => commitFirmware(drive, { slot: 1, action: 0 }),
      StatusError,
    );
    assertStringIncludes(error.message, said);
    assertEquals((error.next ?? "").length > 0, true);
  });
}

Deno.test("a drive that lost power in the middle of a download rejects the rest of it", async () => {
  const { drive: virtual, transport } = virtualDrive();
  const image = buildFirmwareImage({
    revision: "2.0",
    activation: "withoutReset",
    payload: new Uint8Array(64 * 1024),
  });
  const drive = new Drive(transport);
  const before = await readFirmware(drive);
  let cut = false;
  await downloadFirmware(drive, image, {
    chunk: 4096,
    progress: (bytes) => {
      if (cut || bytes < 32768) return;
      cut = true;
      virtual.powercut();
    },
  });
  const error = await assertRejects(
    () => commitFirmware(drive, { slot: 3, action: COMMIT_ACTION.activateNow }),
    StatusError,
    "Invalid Firmware Image (01h/07h)",
  );
  assertEquals((error.next ?? "").length > 0, true);
  assertEquals((await readFirmware(drive)).slots, before.slots);
});
