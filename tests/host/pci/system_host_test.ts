// The machine itself: reading devices at offsets, keeping and forgetting files.

import { assertEquals, assertThrows } from "@std/assert";
import { libc } from "../../../ffi/libc.ts";
import { SysError } from "../../../ffi/sys_error.ts";
import { openBlock, systemHost } from "../../../src/host/pci/system_host.ts";

// Loaded here, because a library loaded during a test counts as a leak of that test.
libc();

Deno.test("openBlock() reads at offsets, short at the end, and says why it cannot open", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, "0123456789");
    using device = openBlock(path);
    assertEquals(new TextDecoder().decode(device.read(4n, 3)), "456");
    assertEquals(new TextDecoder().decode(device.read(8n, 8)), "89");
    assertEquals(device.read(99n, 8).length, 0);
  } finally {
    Deno.removeSync(path);
  }
  const error = assertThrows(() => openBlock(path), SysError);
  assertEquals(error.code, "ENOENT");
});

Deno.test("a file is kept with its folders, and forgotten twice without complaint", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const host = systemHost();
    const path = `${folder}/a/b/0000:01:00.0`;
    host.keepFile(path, "nvme\n");
    assertEquals(host.view.readText(path), "nvme\n");
    host.forgetFile(path);
    host.forgetFile(path);
    assertEquals(host.view.readText(path), undefined);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
