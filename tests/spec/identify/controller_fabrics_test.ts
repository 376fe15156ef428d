// Identify Controller, bytes 1024 to 2047, as people read them.

import { assertEquals } from "@std/assert";
import { IdentifyController } from "../../../src/spec/identify/identify_controller.ts";
import { CONTROLLER_IMAGE } from "../../golden/identify/images.ts";
import { texts } from "./texts.ts";

Deno.test("FABRICS_ROWS read in plain words", () => {
  const words = texts(IdentifyController, CONTROLLER_IMAGE);
  assertEquals(words["ioccsz"], "4.06 KiB (260 × 16 B)");
  assertEquals(words["iorcsz"], "16 B");
  assertEquals(words["icdoff"], "32 B (2 × 16 B)");
  assertEquals(words["fcatt"], "static controller model");
  assertEquals(words["ofcs"], "Disconnect");
  assertEquals(words["dctype"], "centralized discovery controller");
});

Deno.test("FABRICS_ROWS say what zero means", () => {
  const words = texts(IdentifyController, new Uint8Array(4096));
  assertEquals(words["ioccsz"], "not reported");
  assertEquals(words["msdbd"], "no limit");
});
