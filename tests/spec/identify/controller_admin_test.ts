// Identify Controller, bytes 256 to 511, as people read them.

import { assertEquals } from "@std/assert";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { texts } from "./texts.ts";

Deno.test("ADMIN_ROWS read in plain words", () => {
  const words = texts(IdentifyController, CONTROLLER_IMAGE);
  assertEquals(words["acl"], "4");
  assertEquals(words["aerl"], "8");
  assertEquals(words["elpe"], "64");
  assertEquals(words["mtfa"], "5 s (50 × 100 ms)");
  assertEquals(words["hmpre"], "64 MiB (16,384 × 4 KiB)");
  assertEquals(words["hmmin"], "16 MiB (4,096 × 4 KiB)");
  assertEquals(words["rpmbs"], "2 of 4 MiB, at most 32 KiB an access, HMAC SHA-256");
  assertEquals(words["fwug"], "4 KiB");
  assertEquals(words["kas"], "1 s (10 × 100 ms)");
  assertEquals(words["mntmt"], "0 °C (273 K)");
  assertEquals(words["mxtmt"], "83 °C (356 K)");
  assertEquals(words["hmminds"], "32 KiB (8 × 4 KiB)");
  assertEquals(words["pels"], "2 MiB (32 × 64 KiB)");
  assertEquals(words["anatt"], "10 s");
  assertEquals(words["mptfawr"], "30 s (300 × 100 ms)");
  assertEquals(words["megcap"], "2.00 TB (2,000,409,772,032 bytes)");
  assertEquals(words["tmpthha"], "at most kelvins: 5");
  assertEquals(words["cqt"], "500 ms");
});

Deno.test("ADMIN_ROWS say what zero means", () => {
  const words = texts(IdentifyController, new Uint8Array(4096));
  const expected = {
    acl: "1",
    elpe: "1",
    wctemp: "not reported",
    cctemp: "not reported",
    mtfa: "undefined",
    hmpre: "not supported",
    hmmin: "no minimum",
    tnvmcap: "not reported",
    unvmcap: "0 bytes",
    rpmbs: "not supported",
    edstt: "not reported",
    fwug: "not reported",
    kas: "not supported",
    mntmt: "not reported",
    sanicap: "not supported",
    hmminds: "no limit",
    hmmaxd: "no limit",
    pels: "not reported",
    megcap: "not reported",
    cqt: "not reported",
  };
  for (const [name, text] of Object.entries(expected)) assertEquals(words[name], text, name);
});

Deno.test("ADMIN_ROWS know that any firmware granularity will do", () => {
  const bytes = IdentifyController.encode({ fwug: 0xff });
  assertEquals(texts(IdentifyController, bytes)["fwug"], "no restriction");
});

Deno.test("ADMIN_ROWS name the three ways in which sanitize may touch the media again", () => {
  const words = [0, 1, 2].map((nodmmas) =>
    texts(IdentifyController, IdentifyController.encode({ sanicap: { ows: true, nodmmas } }))[
      "sanicap"
    ]
  );
  assertEquals(words, [
    "overwrite, further changes to the media: not defined",
    "overwrite, further changes to the media: none",
    "overwrite, further changes to the media: with No-Deallocate After Sanitize",
  ]);
});
