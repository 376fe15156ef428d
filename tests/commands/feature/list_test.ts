// nvmectl feature list on virtual drives.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { featureList } from "../../../src/commands/feature/list.ts";
import { featureSet } from "../../../src/commands/feature/set.ts";
import type { JsonObject } from "../../../src/layout/mod.ts";
import { runCommand, virtualDrive } from "../../support/context.ts";

function feature(features: unknown, name: string, which = ""): JsonObject {
  const found = (features as readonly JsonObject[])
    .find((one) => one["name"] === name && one["which"] === which);
  assert(found, name);
  return found;
}

Deno.test("feature list shows current, default and saved side by side", async () => {
  const { transport } = virtualDrive();
  await runCommand(featureSet, ["vwc", "--set", "wce=no"], { drive: transport });
  const { text, report } = await runCommand(featureList, [], { drive: transport });
  assertMatch(
    text,
    /^06h +volatile-write-cache +enabled: no +enabled: yes +enabled: yes +change, save/m,
  );
  assertMatch(text, /^07h +number-of-queues .* same +- +change$/m);
  const cache = feature(report.json["features"], "volatile-write-cache");
  assertEquals(cache["fid"], { value: 6, text: "Volatile Write Cache" });
  assertEquals(cache["current"], { value: 0, text: "enabled: no", wce: false });
  assertEquals(cache["saved"], { value: 1, text: "enabled: yes", wce: true });
  assertEquals(cache["capabilities"], {
    value: 5,
    text: "change, save",
    changeable: true,
    saveable: true,
    namespace_specific: false,
  });
});

Deno.test("feature list leaves out what the drive does not have, unless everything is wanted", async () => {
  const { transport } = virtualDrive("old");
  const plain = await runCommand(featureList, [], { drive: transport });
  assertEquals(plain.text.includes("Flexible Data Placement"), false);
  const all = await runCommand(featureList, ["-v"], { drive: transport });
  assertStringIncludes(all.text, "Flexible Data Placement (1dh)");
  assertStringIncludes(all.text, "the drive does not claim to have it");
  assertStringIncludes(all.text, "Software Progress Marker (80h)");
  assertStringIncludes(all.text, "Invalid Field");
  assertEquals(all.report.json["from_log"], false);
  const refused = all.report.json["refused"] as readonly JsonObject[];
  assertEquals(refused.map(({ fid }) => fid), [0x09, 0x80]);
});

Deno.test("feature list of a namespace, and of a vendor's features", async () => {
  const { transport } = virtualDrive("namespaces");
  const { report, text } = await runCommand(featureList, ["--namespace", "9"], {
    drive: transport,
  });
  const protection = feature(report.json["features"], "write-protection", "namespace 9");
  assertEquals(protection["nsid"], 9);
  assertEquals(text.includes("namespace 1 "), false);
  assertMatch(text, /^c0h +vendor specific/m);
});
