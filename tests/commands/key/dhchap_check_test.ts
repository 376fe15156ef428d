// key dhchap check: a verdict with a reason, and nothing of the secret.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keyDhchapCheck } from "../../../src/commands/key/dhchap_check.ts";
import { EXIT, UsageError } from "../../../src/errors.ts";
import { runCommand } from "../../support/context.ts";

const GOOD = "DHHC-1:00:ia6zGodOr4SEG0Zzaw398rpY0wqipUWj4jWjUh4HWUz6aQ2n:";

Deno.test("key dhchap check says what a good secret is, wherever it comes from", async () => {
  const files = { good: new TextEncoder().encode(`${GOOD}\n`) };
  for (
    const [words, around] of [
      [["--in", "good"], { files }],
      [["--in", "-"], { secrets: { input: `${GOOD}\n` } }],
      [["--key", "-"], { secrets: { input: GOOD } }],
      [[], { secrets: { typed: GOOD } }],
      [["--key", GOOD], {}],
    ] as const
  ) {
    const { report, text } = await runCommand(keyDhchapCheck, words, around);
    assertEquals([report.exit, report.json["valid"]], [undefined, true]);
    assertEquals([report.json["length_bytes"], report.json["crc32"]], [32, "a70d69fa"]);
    const shown = text + JSON.stringify(report.json);
    assert(!shown.includes("ia6z") && !shown.includes("aQ2n"), shown);
  }
});

Deno.test("key dhchap check answers exit status 1 and the problem's name for a bad secret", async () => {
  for (
    const [input, problem] of [
      [GOOD.replace("ia6", "ia7"), "crc"],
      [GOOD.slice(0, -1), "terminator"],
      [GOOD.replace("-1", "-2"), "version"],
      [` ${GOOD}`, "space"],
      [`${GOOD}\n\n`, "space"],
      [GOOD.replace(":00:", ":02:"), "length"],
      ["", "empty"],
    ] as const
  ) {
    const { report, text } = await runCommand(keyDhchapCheck, ["--in", "-"], {
      secrets: { input },
    });
    assertEquals([report.exit, report.json["valid"], report.json["problem"], input], [
      EXIT.bad,
      false,
      problem,
      input,
    ]);
    assert(!text.includes("ia6z"), text);
  }
});

Deno.test("key dhchap check --any-length takes the specification's own example with any hash", async () => {
  const { report, text } = await runCommand(keyDhchapCheck, ["--in", "-", "--any-length"], {
    secrets: { input: GOOD.replace(":00:", ":03:") },
  });
  assertEquals(report.json["valid"], true);
  assertStringIncludes(text, "nvme-cli 2");
});

Deno.test("without a file and without a terminal there is nothing to ask", async () => {
  await assertRejects(() => runCommand(keyDhchapCheck, []), UsageError, "no terminal");
});
