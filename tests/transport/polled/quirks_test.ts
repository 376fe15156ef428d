// Controllers that need patience are known by what lspci shows.

import { assertEquals } from "@std/assert";
import { quirksOf } from "../../../src/transport/polled/quirks.ts";
import { Rig, scriptedDevice } from "./rig.ts";

Deno.test("a controller is known by its vendor and device", () => {
  const device = scriptedDevice();
  device.words.set(0, 0x144d).set(2, 0xa822);
  assertEquals(quirksOf(device.config), { disabledPauseMs: 2300 });
  device.words.set(0, 0x15ad).set(2, 0x07f0);
  assertEquals(quirksOf(device.config), { shutdownLimitMs: 1000 });
});

Deno.test("nothing is known of others", () => {
  assertEquals(quirksOf(new Rig().backing.config), {});
});
