// nvmectl completions.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { completions } from "../../src/commands/completions.ts";
import { UsageError } from "../../src/errors.ts";
import { runCommand } from "../support/context.ts";

Deno.test("completions writes the same script as text, bytes and JSON", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { report, text } = await runCommand(completions, [shell]);
    assertEquals(report.json["script"], text);
    assertEquals(new TextDecoder().decode(report.raw), text);
    assertStringIncludes(text, `${shell} completion of nvmectl`);
  }
});

Deno.test("completions names the shells that it knows where it is asked for another", async () => {
  await assertRejects(
    () => runCommand(completions, ["tcsh"]),
    UsageError,
    'Cannot write completions for "tcsh": need one of bash, zsh, fish',
  );
});
