// The result of --dry-run: every command, those that were read and those that would be sent.

import { EXIT } from "../errors.ts";
import { commandName } from "../controller/refusal.ts";
import type { RecordedCommand, RecordedReset } from "../transport/dry_run.ts";
import { items, paragraph, type Report, table, toned } from "./report.ts";

/** What a dry run found out. */
export interface DryRun {
  readonly verb: string;
  readonly target: string | undefined;
  readonly recorded: readonly RecordedCommand[];
  readonly resets?: readonly RecordedReset[];
  /** Why the real run would be refused and send nothing that changes the drive. */
  readonly refused: readonly string[];
}

/** The recorded commands of a verb, as a table and as JSON; exit 5 where they would be refused. */
export function dryRunReport(
  { verb, target, recorded, resets = [], refused }: DryRun,
): Report {
  const hex = (value: number | undefined): string =>
    `0x${(value ?? 0).toString(16).padStart(8, "0")}`;
  const words = ["cdw2", "cdw3", "cdw10", "cdw11", "cdw12", "cdw13", "cdw14", "cdw15"] as const;
  const commands = recorded.map(({ command, sent, dataLength, metadataLength }) => ({
    queue: command.queue,
    opcode: `0x${command.opcode.toString(16).padStart(2, "0")}`,
    name: commandName(command),
    flags: `0x${(command.flags ?? 0).toString(16).padStart(2, "0")}`,
    nsid: command.nsid ?? 0,
    ...Object.fromEntries(words.map((word) => [word, hex(command[word])])),
    data_length: dataLength,
    metadata_length: metadataLength,
    direction: command.direction ?? "none",
    timeout_ms: command.timeoutMs ?? null,
    sent,
  }));
  const rows = recorded.flatMap(({ command, sent, dataLength }, at) => [[
    sent ? "read" : "WOULD SEND",
    command.queue,
    `0x${command.opcode.toString(16).padStart(2, "0")} ${commandName(command)}`,
    `0x${(command.nsid ?? 0).toString(16)}`,
    words.filter((word) => command[word]).map((word) => `${word}=${hex(command[word])}`).join(" "),
    dataLength === 0 ? "" : `${dataLength} ${command.direction}`,
  ], ...resetRows(resets, at + 1)]);
  return {
    json: {
      schema: "nvmectl.dry-run/1",
      verb,
      target: target ?? null,
      refused,
      commands,
      ...(resets.length === 0
        ? {}
        : { resets: resets.map(({ reset, after }) => ({ reset, after })) }),
    },
    exit: refused.length > 0 ? EXIT.unsafe : EXIT.ok,
    blocks: [
      ...(refused.length === 0 ? [] : [
        paragraph(toned("As things are this would be refused, and nothing sent:", "bad")),
        items(refused),
      ]),
      table(
        ["", "queue", "command", "nsid", "dwords", "data"],
        [...resetRows(resets, 0), ...rows],
        "no command would be sent",
      ),
    ],
  };
}

/** The resets that would come after so many commands. */
function resetRows(resets: readonly RecordedReset[], at: number): readonly string[][] {
  return resets.filter(({ after }) => after === at).map(({ reset }) => [
    "WOULD RESET",
    "",
    reset === "controller" ? "the controller" : "the NVM subsystem, all its controllers",
    "",
    "",
    "",
  ]);
}
