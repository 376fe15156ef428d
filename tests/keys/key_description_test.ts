// What the kernel writes about keys, read.

import { assertEquals } from "@std/assert";
import {
  isKeyring,
  permissionsText,
  readDescription,
  readListing,
  serialText,
} from "../../src/keys/key_description.ts";

Deno.test("readDescription() takes the kernel's answer apart, whatever the description holds", () => {
  assertEquals(readDescription(7, "psk;0;65534;3f010000;NVMe0R01 a;b c"), {
    serial: 7,
    type: "psk",
    description: "NVMe0R01 a;b c",
    uid: 0,
    gid: 65534,
    permissions: 0x3f010000,
  });
  assertEquals(readDescription(7, "keyring;-1;-1;0;")?.uid, -1);
  for (const no of ["", "psk", "psk;x;0;0;a", "psk;0;0;zz;a"]) {
    assertEquals(readDescription(7, no), undefined);
  }
});

// As Linux 6.18 and 6.1 write it.
const LISTING = `005ea0b1 I--Q---     1 perm 0c030000     0 65534 keyring   .user_reg: 2
1f3cb390 I--Q---     1 perm 3f010000     0     0 keyring   nvmectl-test: empty
2d9dad64 I--Q---     1   2d 3f010000     0     0 user      NVMe0R01 a b: 32
32d47a61 IR-----     1 perm 1f0b0000     0     0 keyring   .nvme: 1
3b559d04 I--Q---     2 perm 3f030000  1000    -1 asymmetri a: b: c
this is no line
`;

Deno.test("readListing() reads /proc/keys and skips what it cannot read", () => {
  const keys = readListing(LISTING);
  assertEquals(keys.map(({ serial }) => serial), [
    0x005ea0b1,
    0x1f3cb390,
    0x2d9dad64,
    0x32d47a61,
    0x3b559d04,
  ]);
  assertEquals(keys[2], {
    serial: 0x2d9dad64,
    flags: "I--Q---",
    type: "user",
    text: "NVMe0R01 a b: 32",
  });
});

Deno.test("isKeyring() knows a keyring by its whole name", () => {
  const named = (name: string): number =>
    readListing(LISTING).filter((key) => isKeyring(key, name))
      .length;
  assertEquals(
    [".nvme", "nvmectl-test", ".nvm", "nvmectl", "NVMe0R01 a b", "a"].map(named),
    [1, 1, 0, 0, 0, 0],
  );
});

Deno.test("permissionsText() and serialText() say it for people", () => {
  assertEquals(
    permissionsText(0x3f010000),
    "possessor: view read write search link setattr, owner: view",
  );
  assertEquals(permissionsText(0), "nobody may do anything");
  assertEquals(serialText(0x1f), "31 (0x0000001f)");
});
