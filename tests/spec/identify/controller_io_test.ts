// Identify Controller, bytes 512 to 1023, as people read them.

import { assertEquals } from "@std/assert";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { texts } from "./texts.ts";

Deno.test("IO_ROWS read in plain words", () => {
  const words = texts(IdentifyController, CONTROLLER_IMAGE);
  assertEquals(words["sqes"], "required: 64 B (2^6), maximum: 64 B (2^6)");
  assertEquals(words["cqes"], "required: 16 B (2^4), maximum: 16 B (2^4)");
  assertEquals(words["awun"], "128 blocks");
  assertEquals(words["awupf"], "8 blocks");
  assertEquals(words["acwu"], "4 blocks");
  assertEquals(
    words["sgls"],
    "SGLs: supported, recommended descriptors: 8, bit bucket descriptor, " +
      "byte aligned metadata buffer, length larger than the transfer, SGL in the metadata pointer",
  );
  assertEquals(words["rhiri"], "30 days");
  assertEquals(words["hirt"], "90 min (1 h 30 min)");
  assertEquals(words["minmrtg"], "8 KiB (2^1 × 4 KiB)");
  assertEquals(words["maxmrtg"], "1 MiB (2^8 × 4 KiB)");
});

Deno.test("IO_ROWS say what zero means", () => {
  const words = texts(IdentifyController, new Uint8Array(4096));
  assertEquals(words["maxcmd"], "not reported");
  assertEquals(words["awun"], "1 block");
  assertEquals(words["mnan"], "as many as the highest identifier");
  assertEquals(words["maxdna"], "no maximum");
  assertEquals(words["maxcna"], "no maximum");
  assertEquals(words["vwc"], "Flush of NSID FFFFFFFFh: not indicated");
  assertEquals(words["sgls"], "SGLs: not supported");
});
