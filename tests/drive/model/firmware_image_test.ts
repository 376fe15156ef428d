// Tests of the firmware image format.

import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  buildFirmwareImage,
  deriveFirmwareImage,
  readFirmwareImage,
} from "../../../src/drive/model/firmware_image.ts";

Deno.test("buildFirmwareImage() makes whole pieces that readFirmwareImage() understands", () => {
  for (const payload of [0, 1, 4064, 4065, 10_000]) {
    const image = { revision: "A1", activation: "subsystemReset", pauseMs: 1_500 } as const;
    const bytes = buildFirmwareImage({ ...image, payload: new Uint8Array(payload).fill(0xee) });
    assertEquals(bytes.length % 4096, 0);
    assertEquals(new TextDecoder().decode(bytes.subarray(0, 9)), "NVMECTLFW");
    assertEquals(readFirmwareImage(bytes), image);
  }
  assertEquals(
    readFirmwareImage(buildFirmwareImage({ revision: "A1", activation: "withoutReset" })),
    { revision: "A1", activation: "withoutReset" },
  );
});

Deno.test("buildFirmwareImage() has the CRC-32 that everybody computes", () => {
  const bytes = buildFirmwareImage({ revision: "A1", activation: "withoutReset" });
  assertEquals(deriveFirmwareImage(new TextEncoder().encode("123456789")).revision, "CBF43926");
  assertNotEquals(new DataView(bytes.buffer).getUint32(28, true), 0);
});

Deno.test("buildFirmwareImage() refuses a revision of more than eight characters", () => {
  assertThrows(
    () => buildFirmwareImage({ revision: "123456789", activation: "withoutReset" }),
    RangeError,
  );
});

Deno.test("readFirmwareImage() refuses every damage to what counts, and takes padding", () => {
  const whole = { revision: "A1", activation: "withoutReset" } as const;
  const image = buildFirmwareImage({ ...whole, payload: new Uint8Array(8) });
  for (let at = 0; at < 40; at++) {
    const damaged = image.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 0x10;
    assertEquals(readFirmwareImage(damaged), undefined, `byte ${at}`);
  }
  const padded = image.slice();
  padded[100] = 1;
  assertEquals(readFirmwareImage(padded)?.revision, "A1");
  assertEquals(readFirmwareImage(image.subarray(0, 20)), undefined);
  assertEquals(readFirmwareImage(new Uint8Array(0)), undefined);
});
