// A clone of a drive behind the kernel: what it answers, byte for byte, and that it lives.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { controller, guestTest, nvmectl, SERIAL, shell } from "../../support/guest.ts";

/** What is compared, as the words before the target. Nothing here is refused by either. */
const LOOKS: readonly (readonly string[])[] = [
  ["identify"],
  ["identify", "--namespace", "1"],
  ["identify", "--namespace", "2"],
  ["identify", "--namespaces"],
  ["log", "smart"],
  ["log", "firmware"],
  ["log", "effects"],
];

guestTest("a clone of a drive behind the kernel answers as it does", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  await shell(guest, "rm -rf /run/clone && mkdir /run/clone");
  const made = await nvmectl(guest, ["drive", "clone", device, "/run/clone/two.json"]);
  assertEquals(made.code, 0, made.stderr);
  assertMatch(made.stdout, new RegExp(`Serial number +${SERIAL.two}`));
  for (const [verb = "", ...words] of LOOKS) {
    const look = async (target: string): Promise<Uint8Array> => {
      const positionals = verb === "log" ? words.slice(0, 1) : [];
      const options = verb === "log" ? words.slice(1) : words;
      const line = [verb, ...positionals, target, ...options, "-o", "raw"];
      const { code, stdoutBytes, stderr } = await nvmectl(guest, line);
      assertEquals(code, 0, stderr);
      return stdoutBytes;
    };
    const expected = await look(device);
    const found = await look("virtual:/run/clone/two.json");
    // Counters of the source go on while the kernel uses it.
    const settled = verb === "log" && words[0] === "smart" ? found.length : found;
    assertEquals(settled, typeof settled === "number" ? expected.length : expected, words.join());
  }
});

guestTest("a clone can be written and formatted without its source", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  const target = "virtual:/run/clone/two.json";
  const before = await shell(guest, `dd if=${device}n1 bs=4k count=1 2>/dev/null | md5sum`);
  const listed = await nvmectl(guest, ["health", target]);
  assert(listed.code === 0 || listed.code === 1, listed.stderr);
  const formatted = await nvmectl(guest, [
    ...["format", target, "--namespace", "1", "--yes", "--serial", SERIAL.two],
  ]);
  assertEquals(formatted.code, 0, formatted.stderr);
  const after = await shell(guest, `dd if=${device}n1 bs=4k count=1 2>/dev/null | md5sum`);
  assertEquals(after, before);
});

guestTest("an anonymous clone has no serial number of its source in its file", async (guest) => {
  const device = await controller(guest, SERIAL.two);
  const made = await nvmectl(guest, [
    ...["drive", "clone", device, "/run/clone/anonymous.json", "--anonymize", "-o", "json"],
  ]);
  assertEquals(made.code, 0, made.stderr);
  const { serial } = JSON.parse(made.stdout) as { readonly serial: string };
  assertMatch(serial, /^ANON/);
  const found = await guest.run(`grep -c ${SERIAL.two} /run/clone/anonymous.json`);
  assertEquals(found.stdout.trim(), "0");
  await shell(guest, "rm -rf /run/clone");
});
