// Finding a verb, and help over all of them.

import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { asksForGroup, loadCommand, showHelp } from "../../src/cli/verbs.ts";
import { UsageError } from "../../src/errors.ts";

async function refusal(name: string): Promise<readonly [string, string | undefined]> {
  const { message, next } = await assertRejects(() => loadCommand([name]), UsageError);
  return [message, next];
}

Deno.test("a verb is found by its exact name", async () => {
  const { command, rest } = await loadCommand(["health", "nvme0", "-v"]);
  assertEquals([command.name, rest], ["health", ["nvme0", "-v"]]);
});

Deno.test("an abbreviated or mistyped verb is refused, with the one that was likely meant", async () => {
  for (const name of ["heal", "helth", "Health"]) {
    assertEquals(await refusal(name), [
      `Cannot run "${name}": there is no such verb`,
      "Did you mean health?",
    ]);
  }
});

Deno.test("nvme-cli's names lead to ours, but do not run in their place", async () => {
  const [, next] = await refusal("smart-log");
  assertEquals(next, "what nvme-cli calls smart-log is: nvmectl health");
});

Deno.test("a word like no verb leads to the list of them", async () => {
  assertEquals((await refusal("xyzzy"))[1], "nvmectl help lists the verbs");
  assertEquals((await refusal(""))[1], "nvmectl help lists the verbs");
});

Deno.test("what every object has is no verb", async () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    const [message, next = ""] = await refusal(name);
    assertEquals(message, `Cannot run "${name}": there is no such verb`);
    assertEquals(next.includes("function"), false);
  }
});

Deno.test("help names a verb's help, and that of a wrong name is refused", async () => {
  assertStringIncludes(await showHelp(["health"]), "Usage: nvmectl health [TARGET]");
  await assertRejects(() => showHelp(["helth"]), UsageError, "no such verb");
});

Deno.test("help of help, or of nothing, is the overview", async () => {
  const overview = await showHelp([]);
  assertStringIncludes(overview, "nvmectl - NVMe drives");
  for (const word of ["help", "--help", "-h"]) assertEquals(await showHelp([word]), overview);
});

Deno.test("a verb of a group has two words", async () => {
  const { command, rest } = await loadCommand(["drive", "serve", "virtual:"]);
  assertEquals([command.name, rest], ["drive serve", ["virtual:"]]);
});

Deno.test("a group without a verb, or with a wrong one, says what there is", async () => {
  const missing = await assertRejects(() => loadCommand(["drive"]), UsageError);
  assertStringIncludes(missing.next ?? "", "serve");
  const wrong = await assertRejects(() => loadCommand(["drive", "serv"]), UsageError);
  assertEquals([wrong.message, wrong.next], [
    'Cannot run drive "serv": there is no such verb',
    "Did you mean serve?",
  ]);
});

Deno.test("help of a group lists its verbs, help of one of them is its own", async () => {
  for (const words of [["drive"], ["drive", "--help"]]) {
    assertMatch(await showHelp(words), /^ {2}drive serve +Serve a virtual drive/m);
  }
  assertStringIncludes(await showHelp(["drive", "serve"]), "Usage: nvmectl drive serve [DRIVE]");
});

Deno.test("a verb of a group within a group has three words", async () => {
  const { command, rest } = await loadCommand(["key", "tls", "list", "--keyring", "@u"]);
  assertEquals([command.name, rest], ["key tls list", ["--keyring", "@u"]]);
});

Deno.test("other names for a group lead to the same verbs", async () => {
  for (const name of ["dhchap", "kx-hmac-chap", "dh-hmac-chap"]) {
    const { command, rest } = await loadCommand(["key", name, "check", "--in", "f"]);
    assertEquals([command.name, rest], ["key dhchap check", ["--in", "f"]]);
    assertStringIncludes(await showHelp(["key", name, "check"]), "Usage: nvmectl key dhchap check");
  }
});

Deno.test("a group within a group says what is missing or wrong in it", async () => {
  const missing = await assertRejects(() => loadCommand(["key", "tls"]), UsageError);
  assertEquals(missing.message, "Cannot run key tls: what it is to do is missing");
  assertStringIncludes(missing.next ?? "", "generate, check, import");
  const outer = await assertRejects(() => loadCommand(["key"]), UsageError);
  assertStringIncludes(outer.next ?? "", "dhchap, tls, ring");
  const wrong = await assertRejects(() => loadCommand(["key", "tls", "derve"]), UsageError);
  assertEquals(wrong.next, "Did you mean derive?");
  const group = await assertRejects(() => loadCommand(["key", "tlss"]), UsageError);
  assertEquals(group.next, "Did you mean tls?");
});

Deno.test("help of a group within a group lists its verbs", async () => {
  for (const words of [["key", "tls"], ["key", "tls", "--help"], ["key", "tls", "help"]]) {
    const text = await showHelp(words);
    assertMatch(text, /^ {2}key tls derive +Derive/m);
    assertEquals(text.includes("key ring"), false);
  }
  assertMatch(await showHelp(["key"]), /^ {2}key ring lookup +Find/m);
});

Deno.test("asksForGroup() is about groups of every depth, and help only", () => {
  for (const yes of ["drive --help", "key -h", "key tls help", "key kx-hmac-chap --help"]) {
    assertEquals(asksForGroup(yes.split(" ")), true, yes);
  }
  for (const no of ["key", "key tls", "key tls list --help", "health --help", "key list -h"]) {
    assertEquals(asksForGroup(no.split(" ")), false, no);
  }
});
