// Mapped registers: width, place, order on each processor, and what happens once they are closed.

import { assertEquals, assertThrows } from "@std/assert";
import { mappedRegisters } from "../../../../src/transport/polled/vfio/bar.ts";

for (const arch of ["x86_64", "aarch64"]) {
  Deno.test(`mappedRegisters() reads and writes both widths in place on ${arch}`, () => {
    const buffer = new ArrayBuffer(0x1010);
    const space = mappedRegisters(buffer, arch);
    const view = new DataView(buffer);
    space.write32(0x24, 0x001f_001f);
    space.write32(0x1000, 0xffff_fffe);
    space.write64(0x28, 0x0123_4567_89ab_cdefn);
    assertEquals(view.getUint32(0x24, true), 0x001f_001f);
    assertEquals(view.getBigUint64(0x28, true), 0x0123_4567_89ab_cdefn);
    assertEquals(space.length, 0x1010);
    assertEquals(space.read32(0x1000), 0xffff_fffe);
    assertEquals(space.read32(0x2c), 0x0123_4567);
    assertEquals(space.read64(0x28), 0x0123_4567_89ab_cdefn);
  });

  Deno.test(`mappedRegisters() refuses what is outside or out of step on ${arch}`, () => {
    const space = mappedRegisters(new ArrayBuffer(0x1004), arch);
    for (const wrong of [-4, 2, 0x1004, 0x1002]) {
      assertThrows(() => space.read32(wrong), RangeError, `register ${wrong}`);
      assertThrows(() => space.write32(wrong, 0), RangeError);
    }
    // The last dword is there, but no whole quadword is.
    assertEquals(space.read32(0x1000), 0);
    for (const wrong of [4, 0x1000, -8]) {
      assertThrows(() => space.read64(wrong), RangeError);
      assertThrows(() => space.write64(wrong, 0n), RangeError);
    }
  });

  Deno.test(`mappedRegisters() finds nothing once the mapping is gone on ${arch}`, () => {
    const buffer = new ArrayBuffer(0x1000);
    const space = mappedRegisters(buffer, arch);
    buffer.transfer(0);
    assertThrows(() => space.read32(0), ReferenceError, "they were closed");
    assertThrows(() => space.write32(0, 1), ReferenceError);
  });
}
