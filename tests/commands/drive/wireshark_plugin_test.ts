// nvmectl drive wireshark-plugin.

import { assertEquals } from "@std/assert";
import { driveWiresharkPlugin } from "../../../src/commands/drive/wireshark_plugin.ts";
import { wiresharkPlugin } from "../../../src/trace/wireshark.ts";
import { runCommand } from "../../support/context.ts";

Deno.test("drive wireshark-plugin writes the same Lua as text, bytes and JSON", async () => {
  const { report, text } = await runCommand(driveWiresharkPlugin, []);
  assertEquals(text, wiresharkPlugin());
  assertEquals(report.json["plugin"], text);
  assertEquals(new TextDecoder().decode(report.raw), text);
});
