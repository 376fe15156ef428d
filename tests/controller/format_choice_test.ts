// What a namespace is to be formatted as, decided from Identify Namespace alone.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  chooseLayout,
  formatDword,
  formatsText,
  type FormatWish,
  layoutOf,
  layoutText,
} from "../../src/controller/format_choice.ts";
import { UnsupportedError, UsageError } from "../../src/errors.ts";
import { IdentifyNamespace } from "../../src/spec/identify/identify_namespace.ts";

type Input = Parameters<typeof IdentifyNamespace.encode>[0];

const FORMATS = [
  { lbads: 9, rp: 2 },
  { lbads: 12, rp: 1 },
  { lbads: 12, rp: 0 },
  { lbads: 9, ms: 8 },
  { lbads: 12, ms: 8 },
  { lbads: 12, ms: 4 },
];
const ALL_CAPABLE: Input = {
  nsze: 1000,
  nlbaf: FORMATS.length - 1,
  lbaf: FORMATS,
  mc: { mtelbas: true, mtsbs: true },
  dpc: { pit1s: true, pit2s: true, piifb: true, piilb: true },
};

function namespace(changes: Input = {}): IdentifyNamespace {
  return IdentifyNamespace.decode(IdentifyNamespace.encode({ ...ALL_CAPABLE, ...changes }));
}

function choose(wish: Partial<FormatWish>, of: IdentifyNamespace = namespace()) {
  return chooseLayout(
    of,
    { metadataInline: false, protectionFirst: false, ...wish },
    "namespace 1",
  );
}

Deno.test("chooseLayout() takes the fastest format of the block size, without metadata", () => {
  assertEquals(choose({ blockSize: 4096 }).format.index, 2);
  assertEquals(choose({ blockSize: 512 }).format.index, 0);
});

Deno.test("chooseLayout() takes metadata where it is asked for", () => {
  assertEquals(choose({ blockSize: 4096, metadata: 8 }).format.index, 4);
  assertEquals(choose({ metadata: 8 }).format.index, 3);
});

Deno.test("chooseLayout() takes a format by its index", () => {
  assertEquals(choose({ lbaFormat: 5 }).format.index, 5);
});

Deno.test("chooseLayout() keeps everything when nothing is said", () => {
  const now = namespace({ flbas: { fidxl: 4, mtelba: true }, dps: { pit: 2, pip: true } });
  const { format, ...rest } = choose({}, now);
  assertEquals(format.index, 4);
  assertEquals(rest, { metadataInline: true, protection: 2, protectionFirst: true });
});

Deno.test("chooseLayout() keeps the format while the protection changes", () => {
  const now = namespace({ flbas: { fidxl: 4, mtelba: true } });
  const { format, ...rest } = choose({ protection: 1 }, now);
  assertEquals(format.index, 4);
  assertEquals(rest, { metadataInline: true, protection: 1, protectionFirst: false });
});

Deno.test("chooseLayout() drops the place of protection information together with it", () => {
  const now = namespace({ flbas: { fidxl: 4 }, dps: { pit: 2, pip: true } });
  const { protection, protectionFirst } = choose({ protection: 0 }, now);
  assertEquals([protection, protectionFirst], [0, false]);
});

Deno.test("chooseLayout() takes no protection over to a new format", () => {
  const now = namespace({ flbas: { fidxl: 4, mtelba: true }, dps: { pit: 1 } });
  assertEquals(choose({ lbaFormat: 3 }, now).protection, 0);
  assertEquals(choose({ lbaFormat: 3 }, now).metadataInline, false);
});

Deno.test("chooseLayout() puts metadata inline where there is no other place for it", () => {
  const now = namespace({ mc: { mtelbas: true } });
  assertEquals(choose({ lbaFormat: 3 }, now).metadataInline, true);
});

Deno.test("chooseLayout() lists the formats when it has not the one asked for", () => {
  const error = assertThrows(() => choose({ blockSize: 8192 }), UnsupportedError, "8192-byte");
  assertStringIncludes(
    error.next ?? "",
    "0: 512; 1: 4096; 2: 4096; 3: 512+8; 4: 4096+8; 5: 4096+4",
  );
  assertThrows(() => choose({ lbaFormat: 6 }), UnsupportedError, "LBA format 6");
  assertThrows(() => choose({ blockSize: 512, metadata: 64 }), UnsupportedError, "64 bytes of");
});

Deno.test("chooseLayout() refuses what the namespace cannot do, naming the field that says so", () => {
  const limited = namespace({
    mc: { mtsbs: true },
    dpc: { pit1s: true, piilb: true },
  });
  const refused = (wish: Partial<FormatWish>, words: string): void =>
    void assertThrows(() => choose(wish, limited), UnsupportedError, words);
  refused({ lbaFormat: 3, metadataInline: true }, "MC bit 0 is 0");
  refused({ lbaFormat: 3, protection: 2 }, "it supports type 1 (DPC)");
  refused({ lbaFormat: 3, protection: 1, protectionFirst: true }, "first bytes");
  refused({ lbaFormat: 0, protection: 1 }, "0 bytes of metadata, need 8");
  refused({ lbaFormat: 5, protection: 1 }, "4 bytes of metadata, need 8");
});

Deno.test("chooseLayout() refuses wishes that contradict themselves", () => {
  assertThrows(() => choose({ lbaFormat: 0, metadataInline: true }), UsageError, "no metadata");
  assertThrows(() => choose({ lbaFormat: 3, protectionFirst: true }), UsageError, "--protection 1");
});

Deno.test("layoutOf() reads the upper bits of the format index where there are more than sixteen", () => {
  const lbaf = Array.from({ length: 20 }, () => ({ lbads: 12, ms: 8 }));
  const now = namespace({ nlbaf: 15, nulbaf: 4, lbaf, flbas: { fidxl: 2, fidxu: 1 } });
  assertEquals(layoutOf(now)?.format.index, 18);
});

Deno.test("formatDword() puts every field where Format NVM has it", () => {
  const lbaf = Array.from({ length: 64 }, () => ({ lbads: 12, ms: 8 }));
  const many = namespace({ nlbaf: 15, nulbaf: 48, lbaf });
  assertEquals(formatDword(choose({ lbaFormat: 63 }, many), "none"), 0x300f);
  assertEquals(formatDword(choose({ lbaFormat: 18 }, many), "none"), 0x1002);
  assertEquals(formatDword(choose({ lbaFormat: 3, metadataInline: true }), "none"), 0x13);
  assertEquals(formatDword(choose({ lbaFormat: 3, protection: 2 }), "none"), 0x43);
  const first = choose({ lbaFormat: 3, protection: 1, protectionFirst: true });
  assertEquals(formatDword(first, "none"), 0x123);
  assertEquals(formatDword(choose({ lbaFormat: 1 }), "user-data"), 0x201);
  assertEquals(formatDword(choose({ lbaFormat: 1 }), "crypto"), 0x401);
});

Deno.test("layoutText() says what a block is made of", () => {
  assertEquals(layoutText(choose({ lbaFormat: 0 })), "512-byte blocks");
  assertEquals(
    layoutText(choose({ lbaFormat: 4, metadataInline: true, protection: 1 })),
    "4096-byte blocks, 8 bytes of metadata inline, protection type 1 in the last bytes of the metadata",
  );
  assertEquals(
    layoutText(choose({ lbaFormat: 3 })),
    "512-byte blocks, 8 bytes of metadata in a separate buffer",
  );
});

Deno.test("formatsText() leaves out formats that are not available", () => {
  const holes = namespace({ nlbaf: 2, lbaf: [{ lbads: 9 }, {}, { lbads: 12, ms: 64 }] });
  assertEquals(formatsText(holes), "0: 512; 2: 4096+64");
});
