// What udev has recognised on a device.

import { assertEquals } from "@std/assert";
import { contentOf } from "../../src/host/content.ts";
import { memoryView } from "./memory_view.ts";

const view = memoryView({
  "/run/udev/data/b259:0": "S:disk/by-id/x\nE:ID_PART_TABLE_TYPE=gpt\n",
  "/run/udev/data/b259:1":
    "I:123\nE:ID_FS_LABEL=home\nE:ID_FS_TYPE=ext4\nE:ID_FS_USAGE=filesystem\n",
  "/run/udev/data/b259:2": "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_LABEL=\n",
  "/run/udev/data/b259:3": "E:ID_FS_TYPE=\n",
});

Deno.test("contentOf() names a file system and its label", () => {
  assertEquals(contentOf(view, "259:1"), 'ext4 "home"');
  assertEquals(contentOf(view, "259:2"), "LVM2_member");
});

Deno.test("contentOf() says nothing where udev recognised nothing, or is not there", () => {
  assertEquals(contentOf(view, "259:0"), undefined);
  assertEquals(contentOf(view, "259:3"), undefined);
  assertEquals(contentOf(view, "259:9"), undefined);
});
