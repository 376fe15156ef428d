// Tests of what stands behind `virtual:`.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UsageError } from "../../src/errors.ts";
import { openVirtual, openVirtualDrive } from "../../src/open/virtual.ts";

Deno.test("openVirtual() opens presets by name, which nothing outlives", async () => {
  for (const name of ["", "critical"]) {
    const { transport } = await openVirtual(name);
    assertEquals([transport.kind, transport.target], ["virtual", `virtual:${name}`]);
    await transport[Symbol.asyncDispose]();
  }
});

Deno.test("openVirtual() names the drives that there are, and takes .json for a file", async () => {
  const unknown = await assertRejects(() => openVirtual("great"), UsageError);
  assertMatch(unknown.next ?? "", /there are virtual: virtual:warning .*files .* \.json/);
  const missing = await assertRejects(() => openVirtual("./none/there.json"), UsageError);
  assertMatch(
    missing.message,
    /^Cannot open virtual:\.\/none\/there\.json: there is no such file$/,
  );
});

Deno.test("openVirtualDrive() gives a drive of its own, with a seed and timers", async () => {
  const timers: number[] = [];
  const opened = await openVirtualDrive("old", {
    seed: 77,
    after: (ms) => {
      timers.push(ms);
      return () => {};
    },
  });
  assertEquals([opened.drive.device, opened.drive.state.random], ["virtual:old", 77]);
  opened.drive.after(5, () => {});
  assertEquals(timers, [5]);
  opened.save();
  opened.close();
});
