// The Sanitize Status log page.

import { assertEquals } from "@std/assert";
import {
  SANITIZE_PROGRESS_NONE,
  SanitizeLog,
  SanitizePage,
} from "../../../src/spec/log/sanitize.ts";
import { SANITIZE_IMAGE } from "../../golden/log/later_images.ts";
import { structureTests } from "../../support/structure.ts";
import { NOTHING } from "./controllers.ts";
import { SANITIZE_WITNESS } from "./later_witness.ts";
import { witnessTests } from "./witness.ts";

const NUMBERS = {
  progress: 0x8000,
  cdw10: 2,
  overwriteTime: 3600,
  blockEraseTime: 60,
  cryptoEraseTime: 2,
  overwriteNoDeallocateTime: 0xffffffff,
  blockEraseNoDeallocateTime: 61,
  cryptoEraseNoDeallocateTime: 3,
  deallocationTime: 5,
};

structureTests(SanitizeLog, {
  bytes: SANITIZE_IMAGE,
  decoded: {
    ...NUMBERS,
    status: {
      value: 2,
      operation: 2,
      passes: 0,
      globalDataErased: false,
      verificationCanceled: false,
    },
    state: { value: 1, current: 1, failed: 0 },
  },
  encoded: { ...NUMBERS, status: { operation: 2 }, state: { current: 1 } },
});

witnessTests(SanitizeLog, SANITIZE_WITNESS);

Deno.test("SanitizeLog shows progress in percent, and none where nothing is at work", () => {
  const { codec } = SanitizeLog.row("progress");
  assertEquals([codec.text(0x8000), codec.text(SANITIZE_PROGRESS_NONE)], [
    "50.0 %",
    "none at work",
  ]);
});

Deno.test("SanitizeLog reads passes and erasure from their bits", () => {
  const { codec } = SanitizeLog.row("status");
  const view = new DataView(Uint8Array.of(0x09, 0x01).buffer);
  assertEquals(
    codec.text(codec.get(view, 0)),
    "last operation: completed, overwrite passes completed: 1, nothing written since",
  );
});

Deno.test("SanitizePage is there where the drive can sanitize in any way", () => {
  assertEquals(SanitizePage.supportedBy({ ...NOTHING, sanicap: 0 }), false);
  assertEquals(SanitizePage.supportedBy({ ...NOTHING, sanicap: { value: 2 } }), true);
});
