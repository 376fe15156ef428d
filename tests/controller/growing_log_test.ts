// Log pages whose length stands in the page: what is asked for, in which order.

import { assertEquals, assertRejects } from "@std/assert";
import { Drive } from "../../src/controller/drive.ts";
import { type PageRequest, readLog } from "../../src/controller/log.ts";
import {
  InterruptedError,
  StatusError,
  UnreachableError,
  UnsupportedError,
} from "../../src/errors.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { AnaPage, encodeAna } from "../../src/spec/log/ana.ts";
import { EndurancePage } from "../../src/spec/log/endurance.ts";
import type { LogPage } from "../../src/spec/log/log_page.ts";
import { PersistentEventLog, PersistentEventPage } from "../../src/spec/log/persistent_event.ts";
import { TelemetryHostLog, TelemetryHostPage } from "../../src/spec/log/telemetry.ts";
import { PERSISTENT_EVENT_IMAGE } from "../golden/log/event_images.ts";
import { wrap } from "../../src/transport/transport.ts";
import { type Exchange, scriptedTransport } from "../support/scripted.ts";

const SEQUENCE_ERROR = 0x000c;

async function read<T>(
  page: LogPage<T>,
  script: readonly Exchange[],
  { version = 0x020100, mdts = 0, ...request }: PageRequest & { version?: number; mdts?: number } =
    {},
): Promise<{ readonly bytes: Uint8Array; readonly value: T }> {
  const identity = IdentifyController.encode({ lpa: { lpeds: true }, ver: version, mdts });
  const transport = scriptedTransport([
    { expect: { opcode: 0x06, cdw10: 0x01 }, data: identity },
    ...script,
  ]);
  const result = await readLog(new Drive(transport), page, request);
  transport.done();
  return result;
}

/** A telemetry page of 10 blocks in area 3. */
function telemetry(hostGeneration = 1): Uint8Array<ArrayBuffer> {
  const page = new Uint8Array(11 * 512).fill(hostGeneration);
  page.set(TelemetryHostLog.encode({ lid: 7, area3LastBlock: 10, hostGeneration }));
  return page;
}

const CUTS = [[0, 512], [512, 4608], [4608, 5632], [0, 512]] as const;

/** The commands that read a telemetry page; RAE is bit 15, LSP bits 14:8. */
function telemetryScript(page: Uint8Array, [first, ...rest]: readonly number[]): Exchange[] {
  return CUTS.map(([from, to], at) => ({
    expect: { cdw10: [first, ...rest][at] ?? 0, cdw12: from, length: to - from },
    data: page.slice(from, to),
  }));
}

Deno.test("a page is read up to the end that its header states, its event kept until then", async () => {
  const page = telemetry();
  const { bytes, value } = await read(
    TelemetryHostPage,
    telemetryScript(page, [0x007f8007, 0x03ff8007, 0x00ff8007, 0x007f0007]),
  );
  assertEquals(bytes, page);
  assertEquals(value.data.length, 10 * 512);
});

Deno.test("a capture is asked for once, and the event is kept where the caller says so", async () => {
  await read(
    TelemetryHostPage,
    telemetryScript(telemetry(), [0x007f8107, 0x03ff8007, 0x00ff8007, 0x007f8007]),
    { lsp: 1, rae: true },
  );
});

Deno.test("a page that is nothing but its header is one command where its event is kept", async () => {
  const data = TelemetryHostLog.encode({ lid: 7 });
  const { bytes } = await read(TelemetryHostPage, [{ expect: { cdw10: 0x007f8007 }, data }], {
    rae: true,
  });
  assertEquals(bytes, data);
});

Deno.test("a page that changed while it was read is read again, without a new capture", async () => {
  const [old, fresh] = [telemetry(1), telemetry(2)];
  const first = telemetryScript(old, [0x007f8107, 0x03ff8007, 0x00ff8007]).slice(0, 3);
  const changed = { expect: { cdw10: 0x007f0007 }, data: fresh.slice(0, 512) };
  const second = telemetryScript(fresh, [0x007f8007, 0x03ff8007, 0x00ff8007, 0x007f0007]);
  const { bytes } = await read(TelemetryHostPage, [...first, changed, ...second], { lsp: 1 });
  assertEquals(bytes, fresh);
});

Deno.test("a page that never stops changing is given as it was the third time", async () => {
  const script = [1, 3, 5].flatMap((generation) => [
    { expect: {}, data: TelemetryHostLog.encode({ lid: 7, hostGeneration: generation }) },
    { expect: {}, data: TelemetryHostLog.encode({ lid: 7, hostGeneration: generation + 1 }) },
  ]);
  const { value } = await read(TelemetryHostPage, script);
  assertEquals(value.hostGeneration, 5);
});

Deno.test("the ANA page is read from its start by one command where one moves that much", async () => {
  const nsids = Array.from({ length: 2000 }, (_, at) => at + 1);
  const page = encodeAna({ changeCount: 1, groups: [{ group: 1, state: 1, nsids }] });
  const { bytes, value } = await read(AnaPage, [
    { expect: { cdw10: 0x03ff800c, cdw12: 0, length: 4096 }, data: page.slice(0, 4096) },
    { expect: { cdw10: 0x07db800c, cdw12: 0, length: 8048 }, data: page },
    { expect: { cdw10: 0x03ff000c, cdw12: 0, length: 4096 }, data: page.slice(0, 4096) },
  ]);
  assertEquals(bytes, page);
  assertEquals(value.groups[0]?.nsids.length, 2000);
});

/** Looks at an ANA page in pieces of 4 KiB, as MDTS wants it; those asked for end the script. */
function anaPieces(page: Uint8Array, pieces: number): Exchange[] {
  return Array.from({ length: pieces }, (_, at) => ({
    expect: { cdw10: 0x03ff_800c, cdw12: at * 4096, length: 4096 },
    data: page.slice(at * 4096, (at + 1) * 4096),
  }));
}

/** One group with so many namespaces: a look at its beginning needs no other parameters. */
function ana(changeCount: number, count: number): Uint8Array<ArrayBuffer> {
  const nsids = Array.from({ length: count }, (_, at) => at + 1);
  return encodeAna({ changeCount, groups: [{ group: 1, state: 1, nsids }] });
}

const look = (page: Uint8Array, cdw10: number): Exchange => ({
  expect: { cdw10, cdw12: 0, length: 4096 },
  data: page.slice(0, 4096),
});

Deno.test("the ANA page is read in pieces where the kernel takes no command of its length", async () => {
  const page = ana(1, 2500);
  const error = new UnreachableError("Cannot send: EINVAL", { code: "EINVAL" });
  for (const refusal of [{ error }, { status: 0x4002 }]) {
    const [first, ...rest] = anaPieces(page, 3) as [Exchange, ...Exchange[]];
    const large = { expect: { length: page.length, cdw12: 0 }, ...refusal };
    const script = [first, large, ...rest, look(page, 0x03ff_000c)];
    assertEquals((await read(AnaPage, script)).bytes, page);
  }
  const gone = new UnreachableError("Cannot send: ENODEV", { code: "ENODEV" });
  const script = [look(page, 0x03ff_800c), { expect: { length: page.length }, error: gone }];
  await assertRejects(() => read(AnaPage, script), UnreachableError, "ENODEV");
});

Deno.test("an ANA page that became shorter between two pieces is read again, its event kept", async () => {
  const [long, short] = [ana(1, 2500), ana(2, 1200)];
  const { bytes } = await read(AnaPage, [
    ...anaPieces(long, 2),
    // Beyond its end the drive refuses an offset.
    { expect: { cdw12: 8192 }, status: 0x4002 },
    look(short, 0x03ff_800c),
    look(short, 0x03ff_800c),
    { expect: { cdw12: 0, length: short.length }, data: short },
    look(short, 0x03ff_000c),
  ], { mdts: 1 });
  assertEquals(bytes, short);
});

Deno.test("a refusal that comes of no change is told as it is", async () => {
  const page = ana(1, 2500);
  for (const [status, looks] of [[0x4002, 1], [0x4006, 0]] as const) {
    const script = [
      ...anaPieces(page, 1),
      { expect: { cdw12: 4096 }, status },
      ...Array.from({ length: looks }, () => look(page, 0x03ff_800c)),
    ];
    await assertRejects(() => read(AnaPage, script, { mdts: 1 }), StatusError);
  }
});

Deno.test("a drive that sends the beginning whatever the offset is not believed", async () => {
  const page = ana(1, 2500);
  const again = look(page, 0x03ff_800c);
  const script = [again, { ...again, expect: { cdw12: 4096 } }, {
    ...again,
    expect: { cdw12: 8192 },
  }, again];
  await assertRejects(
    () => read(AnaPage, script, { mdts: 1 }),
    UnsupportedError,
    "sends its beginning whatever the offset",
  );
});

Deno.test("the ANA page is cut to what it holds", async () => {
  const page = encodeAna({ changeCount: 1, groups: [{ group: 1, state: 1, nsids: [1] }] });
  const look = { expect: { length: 4096 }, data: page };
  assertEquals((await read(AnaPage, [look, look])).bytes, page);
});

const EVENTS = new Uint8Array(PERSISTENT_EVENT_IMAGE);
const HEAD = EVENTS.slice(0, 512);

/** The header as it is where no context existed before. */
const NEW_HEAD = PersistentEventLog.encode({
  ...PersistentEventLog.decode(HEAD),
  context: 0,
});

/** Header, rest, header: what is read within a context, with action 0. */
const WITHIN: readonly Exchange[] = [
  { expect: { cdw10: 0x007f800d, cdw12: 0, length: 512 }, data: HEAD },
  { expect: { cdw10: 0x000e800d, cdw12: 512, length: 60 }, data: EVENTS.slice(512) },
  { expect: { cdw10: 0x007f000d, cdw12: 0, length: 512 }, data: HEAD },
];

const RELEASE: Exchange = { expect: { cdw10: 0x007f820d, length: 512 } };

Deno.test("the persistent event log is read in a context, which is released afterwards", async () => {
  const establish = { expect: { cdw10: 0x007f830d, length: 512 }, data: NEW_HEAD };
  const { bytes, value } = await read(PersistentEventPage, [establish, ...WITHIN, RELEASE]);
  assertEquals(bytes, EVENTS);
  assertEquals(value.events.length, 2);
});

Deno.test("a context that existed before is read, and left to whoever made it", async () => {
  const join = { expect: { cdw10: 0x007f830d }, data: HEAD };
  await read(PersistentEventPage, [join, ...WITHIN]);
});

Deno.test("a drive before 2.0 is asked to make a context, and one that it has is joined", async () => {
  const version = 0x010400;
  const establish = { expect: { cdw10: 0x007f810d }, data: NEW_HEAD };
  await read(PersistentEventPage, [establish, ...WITHIN, RELEASE], { version });
  const refused = { ...establish, status: SEQUENCE_ERROR };
  await read(PersistentEventPage, [refused, ...WITHIN], { version });
  await assertRejects(
    () => read(PersistentEventPage, [{ ...establish, status: 0x0109 }], { version }),
    StatusError,
    "Invalid Log Page",
  );
});

Deno.test("a drive of 2.0 that does not know its action is asked as one before it", async () => {
  const unknown = { expect: { cdw10: 0x007f830d }, status: 0x6002 };
  const establish = { expect: { cdw10: 0x007f810d }, data: NEW_HEAD };
  await read(PersistentEventPage, [unknown, establish, ...WITHIN, RELEASE]);
  await assertRejects(
    () => read(PersistentEventPage, [{ ...unknown, status: 0x6006 }]),
    StatusError,
    "Internal Error",
  );
});

Deno.test("a context is released also where reading fails, and the failure is what is told", async () => {
  const script = [
    { expect: { cdw10: 0x007f830d }, data: NEW_HEAD },
    { expect: { cdw10: 0x007f800d }, status: 0x0006 },
    { ...RELEASE, status: 0x0002 },
  ];
  await assertRejects(() => read(PersistentEventPage, script), StatusError, "Internal Error");
});

Deno.test("a context is released also where somebody interrupts the reading", async () => {
  const interrupts = new AbortController();
  const transport = scriptedTransport([
    {
      expect: { opcode: 0x06 },
      data: IdentifyController.encode({ lpa: { lpeds: true }, ver: 0x020100 }),
    },
    { expect: { cdw10: 0x007f830d }, data: NEW_HEAD },
    { expect: { cdw10: 0x007f800d, cdw12: 0, length: 512 }, data: HEAD },
    RELEASE,
  ]);
  const pressing = wrap(transport, {
    submit(command, next) {
      if (transport.commands.length === 2) {
        interrupts.abort(new InterruptedError("Interrupted by SIGTERM", 143));
      }
      return next(command);
    },
  });
  const error = await assertRejects(
    () => readLog(new Drive(pressing), PersistentEventPage, { signal: interrupts.signal }),
    InterruptedError,
    "Stopped before the end: read the Persistent Event log of /dev/nvme9",
  );
  assertEquals(error.exitCode, 143);
  transport.done();
});

Deno.test("an action that the caller names is all that is done with contexts", async () => {
  const release = { expect: { cdw10: 0x007f820d, length: 512 } };
  await read(PersistentEventPage, [release], { lsp: 2 });
});

Deno.test("a page that says that it is enormous is refused", async () => {
  const data = PersistentEventLog.encode({ length: 2n ** 40n });
  await assertRejects(
    () => read(PersistentEventPage, [{ expect: {}, data }], { lsp: 0 }),
    UnsupportedError,
    "1 TiB",
  );
  // The one group of an ANA page says that it has five million namespaces.
  const page = encodeAna({ changeCount: 1, groups: [{ group: 1, state: 1, nsids: [1] }] });
  const lying = new Uint8Array(4096);
  lying.set(page);
  new DataView(lying.buffer).setUint32(20, 5_000_000, true);
  await assertRejects(
    () => read(AnaPage, [{ expect: { length: 4096 }, data: lying }]),
    UnsupportedError,
    "19.1 MiB",
  );
});

Deno.test("an endurance group is named to the drive, the first one where nobody names one", async () => {
  await read(EndurancePage, [{ expect: { cdw10: 0x007f0009, cdw11: 0x00010000 } }]);
  await read(EndurancePage, [{ expect: { cdw11: 0x00020000 } }], { lsi: 2 });
});
