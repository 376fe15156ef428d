// nvmectl version.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { version } from "../../src/commands/version.ts";
import { VERSION } from "../../src/version.ts";
import { runCommand } from "../support/context.ts";

Deno.test("version names nvmectl, its runtime and the specifications with their revisions", async () => {
  const { report, text } = await runCommand(version, []);
  assertStringIncludes(text, `nvmectl    ${VERSION}`);
  assertStringIncludes(text, `Deno       ${Deno.version.deno}`);
  assert(/^2\.1 +NVM Express Base Specification +2024-08-05$/m.test(text));
  assertEquals([report.json["version"], report.json["deno"]], [VERSION, Deno.version.deno]);
  const specifications = report.json["specifications"] as unknown as readonly { key: string }[];
  assert(specifications.some(({ key }) => key === "NVM-1.1"));
  assert(!specifications.some(({ key }) => key.startsWith("RFC")));
});

Deno.test("version is a semantic version", () => {
  assert(/^\d+\.\d+\.\d+$/.test(VERSION));
});
