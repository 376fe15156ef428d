// Tests of the presets: each is sound, and each is what its name says.

import { assert, assertEquals } from "@std/assert";
import { preset, presetNames } from "../../src/drive/mod.ts";
import { IdentifyController } from "../../src/spec/identify/identify_controller.ts";
import { Bench, personality } from "./bench.ts";

Deno.test("presetNames() lists the default drive first, and every name has a preset", () => {
  assertEquals(presetNames(), [
    "",
    "warning",
    "critical",
    "failing",
    "no-selftest",
    "zero",
    "impossible",
    "namespaces",
    "hostile",
    "old",
    "multipath",
    "spacious",
  ]);
  for (const name of presetNames()) assertEquals(preset(name)?.name, name);
  assertEquals(preset("nonsense"), undefined);
});

Deno.test("Presets are sound: sizes are powers of two, references lead somewhere", () => {
  for (const name of presetNames()) {
    const { formats, namespaces, limits, firmware, firmwareSlot, powerStates } = personality(name);
    for (const { dataBytes, metadataBytes } of formats) {
      assert(Number.isInteger(Math.log2(dataBytes)) && dataBytes >= 512 && dataBytes <= 65_536);
      assert(metadataBytes >= 0 && metadataBytes < 65_536);
    }
    for (const { nsid, format } of namespaces) {
      assert(nsid >= 1 && nsid <= limits.namespaces && format < formats.length, name);
    }
    assert(firmware[firmwareSlot - 1] !== "" && firmware.length <= 7, name);
    assert(powerStates.length >= 1 && powerStates.length <= 32, name);
    assert(limits.errorEntries >= 1 && limits.errorEntries <= 256, name);
  }
});

Deno.test("Presets have serial numbers of their own", () => {
  const serials = new Set(presetNames().map((name) => personality(name).serial));
  assertEquals(serials.size, presetNames().length);
});

Deno.test("The hostile preset has control characters in every name", async () => {
  const { data } = await new Bench("hostile").identify(0x01);
  const { mn, sn, fr } = IdentifyController.decode(data);
  // deno-lint-ignore no-control-regex -- they are what the test looks for
  for (const text of [mn, sn, fr]) assert(/[\x00-\x1f\x7f-\x9f]/.test(text), text);
  assert(mn.includes("\xe2\x80\xae"));
});
