// Regions that can be mapped in part, and answers that do not hold together.

import { assertEquals, assertRejects } from "@std/assert";
import { MalformedError, UnreachableError } from "../../../../src/errors.ts";
import { openVfio } from "../../../../src/transport/polled/vfio/open.ts";
import { BDF, type Machine, ScriptedKernel } from "./scripted_kernel.ts";
import { optionsOf } from "./open_options.ts";

async function mappedBytes(machine: Machine): Promise<number> {
  const kernel = new ScriptedKernel(machine);
  using backing = await openVfio(BDF, optionsOf(kernel));
  return backing.bar0.length;
}

Deno.test("readRegion() takes the whole region where nothing says otherwise", async () => {
  assertEquals(await mappedBytes({ barBytes: 0x4000n }), 0x4000);
});

Deno.test("readRegion() takes what areas cover from the start, in whatever order they come", async () => {
  const barBytes = 0x8000n;
  // The page with the MSI-X table is left out, as older kernels do.
  assertEquals(await mappedBytes({ barBytes, areas: [[0n, 0x2000n], [0x3000n, 0x5000n]] }), 0x2000);
  assertEquals(await mappedBytes({ barBytes, areas: [[0x2000n, 0x1000n], [0n, 0x2000n]] }), 0x3000);
  assertEquals(await mappedBytes({ barBytes, areas: [[0n, 0x10_0000n]] }), 0x8000);
});

Deno.test("openVfio() maps no more of a large region than queues need", async () => {
  assertEquals(await mappedBytes({ barBytes: 2n ** 40n }), 16 * 1024 * 1024);
});

Deno.test("openVfio() refuses registers that cannot be mapped, and says what is there", async () => {
  const cases: readonly (readonly [Machine, string])[] = [
    [{ barFlags: 0xb }, "of its 16384 bytes of registers, 0 can be mapped"],
    [{ areas: [[0x1000n, 0x3000n]] }, "of its 16384 bytes of registers, 0 can be mapped"],
    [{ areas: [] }, "0 can be mapped"],
    [{ barBytes: 0x800n }, "of its 2048 bytes of registers, 2048 can be mapped, need 4096"],
    [{ barBytes: 0n, barFlags: 0 }, "base address register 0 has no memory"],
  ];
  for (const [machine, text] of cases) {
    const kernel = new ScriptedKernel(machine);
    await assertRejects(() => openVfio(BDF, optionsOf(kernel)), UnreachableError, text);
    assertEquals([...kernel.alive], [], text);
  }
});

Deno.test("openVfio() ends at a capability chain that goes round, with nothing left open", async () => {
  const loop = new Uint8Array(16);
  new DataView(loop.buffer).setUint16(0, 9, true);
  new DataView(loop.buffer).setUint32(4, 24, true);
  const kernel = new ScriptedKernel({ iommuCapabilities: loop });
  await assertRejects(
    () => openVfio(BDF, optionsOf(kernel)),
    MalformedError,
    "it comes back to byte 24",
  );
  assertEquals([...kernel.alive], []);
});

Deno.test("openVfio() ends at a capability that is cut off", async () => {
  const cut = new Uint8Array(8);
  new DataView(cut.buffer).setUint16(0, 1, true);
  const kernel = new ScriptedKernel({ iommuCapabilities: cut });
  await assertRejects(() => openVfio(BDF, optionsOf(kernel)), MalformedError, "8 bytes, need 16");
  assertEquals([...kernel.alive], []);
});
