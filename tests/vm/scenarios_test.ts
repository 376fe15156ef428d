// The fault scenarios of a served drive, each by the effect that the kernel shows, in a guest of
// their own: its drives reset, disappear and refuse.

import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../../src/drive/scenario/registry.ts";
import "./suites/scenarios/talk.ts";
import "./suites/scenarios/blocks.ts";
import "./suites/scenarios/link.ts";
import "./suites/scenarios/health.ts";
import "./suites/scenarios/controller.ts";
import "./suites/scenarios/plugins.ts";
import "./suites/scenarios/paths.ts";

Deno.test("every scenario has a test that shows its effect", async () => {
  const folder = new URL("./suites/scenarios/", import.meta.url);
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => new URL(name, folder));
  const suites = (await Promise.all(files.map((file) => Deno.readTextFile(file)))).join();
  const injected = new Set(
    Array.from(suites.matchAll(/inject(?:: |\()["`]([a-z-]+)/g), ([, name]) => name),
  );
  for (const [, name] of suites.matchAll(/throughPowerCut\(bench, "([a-z-]+)/g)) injected.add(name);
  assertEquals(SCENARIOS.map(({ name }) => name).filter((name) => !injected.has(name)), []);
});
