// nvmectl reset and rescan on virtual drives.

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { rescan } from "../../src/commands/rescan.ts";
import { reset } from "../../src/commands/reset.ts";
import { dryRun } from "../../src/transport/dry_run.ts";
import { wrap } from "../../src/transport/transport.ts";
import { dryRunReport } from "../../src/cli/dry_run_report.ts";
import { renderBlocks } from "../../src/cli/render.ts";
import { openVirtual } from "../../src/open/virtual.ts";
import { runCommand } from "../support/context.ts";

Deno.test("reset starts the controller anew and shows the firmware that runs", async () => {
  const { transport } = await openVirtual("");
  const { report } = await runCommand(reset as unknown as Command, [], { drive: transport });
  assertEquals(report.json["reset"], "controller");
  assertEquals(report.json["firmware_before"], report.json["firmware_after"]);
});

Deno.test("a dry run shows the reset in its place among the commands, and does not do it", async () => {
  const { transport } = await openVirtual("");
  const recording = dryRun();
  let resets = 0;
  const counted = { ...transport, reset: () => Promise.resolve(void resets++) };
  await runCommand(reset as unknown as Command, ["--subsystem"], {
    drive: wrap(counted, recording.layer),
    dryRun: true,
  });
  assertEquals(resets, 0);
  const { json, blocks } = dryRunReport({
    verb: "reset",
    target: "virtual:",
    recorded: recording.commands,
    resets: recording.resets,
    refused: [],
  });
  assertEquals(json["resets"], [{ reset: "subsystem", after: 1 }]);
  const text = renderBlocks(blocks, { color: false, escape: true, columns: 120 });
  const lines = text.split("\n").filter((line) => /read|WOULD/.test(line));
  assertStringIncludes(lines[0] ?? "", "Identify");
  assertStringIncludes(lines[1] ?? "", "WOULD RESET");
});

Deno.test("a reset of the whole subsystem is confirmed, and not while the drive is in use", async () => {
  const { transport } = await openVirtual("");
  const { context } = await runCommand(reset as unknown as Command, ["--subsystem"], {
    drive: transport,
  });
  const [plan] = context.confirmed;
  assertEquals([plan?.namespaces, plan?.keepsData, plan?.whileInUse], ["all", true, undefined]);
  const alone = await runCommand(reset as unknown as Command, [], { drive: transport });
  assertEquals(alone.context.confirmed, []);
});

Deno.test("rescan says that nothing is in between, and lists the active namespaces", async () => {
  const { transport } = await openVirtual("");
  const { report } = await runCommand(rescan as unknown as Command, [], { drive: transport });
  assertEquals(report.json, { target: "virtual:", rescanned: false, namespaces: [1] });
});
