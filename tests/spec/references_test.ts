// Citations: what they look like, and that each names a document.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseCitation, REFERENCES } from "../../src/spec/references.ts";

Deno.test("parseCitation() takes key, section and figure apart", () => {
  assertEquals(parseCitation("[BASE-2.1 §5.1.12.1.3, Fig. 206]"), {
    key: "BASE-2.1",
    section: "5.1.12.1.3",
    figure: 206,
  });
});

Deno.test("parseCitation() does without a section, a figure or both", () => {
  assertEquals(parseCitation("[NVM-1.1 §3.3.2]"), { key: "NVM-1.1", section: "3.3.2" });
  assertEquals(parseCitation("[BASE-2.1, Fig. 107]"), { key: "BASE-2.1", figure: 107 });
  assertEquals(parseCitation("[ZNS-1.2]"), { key: "ZNS-1.2" });
});

Deno.test("parseCitation() takes a file's path for a section", () => {
  assertEquals(parseCitation("[UAPI-6.1 §linux/nvme_ioctl.h]"), {
    key: "UAPI-6.1",
    section: "linux/nvme_ioctl.h",
  });
});

Deno.test("parseCitation() refuses a key that no document has", () => {
  for (const text of ["[BASE-9.9 §1]", "[SCSI-3 §5]"]) {
    assertThrows(() => parseCitation(text), RangeError, "no document has the key");
  }
});

Deno.test("parseCitation() refuses every other form", () => {
  for (
    const text of [
      "",
      "BASE-2.1 §5",
      "[BASE-2.1 5.1]",
      "[BASE-2.1 § 5.1]",
      "[BASE-2.1 §5.1, Fig 206]",
      "[BASE-2.1 §5.1, Fig. 0]",
      "[BASE-2.1 §5.1,Fig. 206]",
      "[BASE-2.1 §5.1] and more",
      "[BASE-2.1 §5.1, 5.2]",
      "[toString §1]",
      "[]",
    ]
  ) {
    assertThrows(() => parseCitation(text), SyntaxError, "need [KEY §section, Fig. n]");
  }
});

Deno.test("REFERENCES has a title, a revision, a date and an address for every key", () => {
  for (const [key, { title, revision, date, url }] of Object.entries(REFERENCES)) {
    assertEquals(parseCitation(`[${key}]`).key, key);
    assertMatch(title, /^\S.*\S$/);
    assertEquals(revision.split(" ").at(-1), key.split("-")[1], key);
    assertMatch(date, /^(19|20)[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9])?$/, key);
    assertEquals(new URL(url).protocol, "https:", key);
  }
});
