// Identify Controller, bytes 0 to 255, as people read them.

import { assertEquals } from "@std/assert";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { texts } from "./texts.ts";

Deno.test("CAPABILITY_ROWS read in plain words", () => {
  const words = texts(IdentifyController, CONTROLLER_IMAGE);
  assertEquals(words["rab"], "64 commands (2^6)");
  assertEquals(words["ieee"], "AB-CD-EF");
  assertEquals(
    words["cmic"],
    "may have several ports, may have several controllers, reports asymmetric namespace access",
  );
  assertEquals(words["rtd3r"], "500,000 µs");
  assertEquals(words["rtd3e"], "5,000,000 µs");
  assertEquals(
    words["oaes"],
    "attached namespace attributes changed, firmware activation starting, " +
      "asymmetric namespace access changed, discovery log page changed",
  );
  assertEquals(
    words["ctratt"],
    "128-bit host identifier, endurance groups, namespace granularity, UUID list, " +
      "extended LBA formats, flexible data placement",
  );
  assertEquals(words["rrls"], "4 (default), 15 (fast fail)");
  assertEquals(
    words["bpcap"],
    "write protection by RPMB: supported, write protection by Set Features",
  );
  assertEquals(words["fguid"], "000102030405060708090a0b0c0d0e0f");
  assertEquals(words["crdt1"], "100 ms (1 × 100 ms)");
  assertEquals(words["crdt3"], "10 s (100 × 100 ms)");
  assertEquals(words["vwci"], "write cycles remaining: 32, the count is valid");
});

Deno.test("CAPABILITY_ROWS say what zero means", () => {
  const words = texts(IdentifyController, new Uint8Array(4096));
  assertEquals(words["mdts"], "no limit");
  assertEquals(words["ver"], "not reported");
  assertEquals(words["rtd3r"], "not reported");
  assertEquals(words["rtd3e"], "not reported");
  assertEquals(words["nssl"], "not reported");
  assertEquals(words["crdt1"], "none");
  assertEquals(words["ieee"], "none");
  assertEquals(words["cntrltype"], "not reported");
  assertEquals(words["vwci"], "not reported");
});
