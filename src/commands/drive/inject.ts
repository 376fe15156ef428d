// nvmectl drive inject: begin a fault on a drive that is being served.

import { command } from "../../cli/command.ts";
import { text } from "../../cli/flags.ts";
import { facts, paragraph, type Report } from "../../cli/report.ts";
import { UsageError } from "../../errors.ts";
import { type Json, type JsonObject } from "../../layout/mod.ts";
import { CONTROL, plain, withControl } from "./control.ts";
import { checkScenario, parameterText } from "./scenario_text.ts";

export const driveInject = command({
  name: "drive inject",
  group: "Rehearse",
  summary: "Begin a fault on a served drive",
  description: "A scenario by name with its parameters, or rules from a file.\n" +
    "nvmectl drive scenarios lists the scenarios and what each takes.",
  effect: "read",
  target: "none",
  positionals: [{ name: "SCENARIO", help: "NAME or NAME:KEY=VALUE,...", optional: true }],
  flags: {
    rules: text("Load declarative rules from this file", "FILE"),
    control: CONTROL,
  },
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive inject hang-io:count=1", "the next I/O command never completes"],
    ["nvmectl drive inject unrecovered-read:lba=4096", "one bad block"],
    ["nvmectl drive inject --rules faults.json", "what a file describes"],
  ],
  async run(context, { flags, words: [scenario] }) {
    if ((scenario === undefined) === (flags.rules === undefined)) {
      throw new UsageError("Cannot inject: need a scenario, or --rules FILE", {
        next: "nvmectl drive scenarios lists the scenarios",
      });
    }
    if (scenario !== undefined) await checkScenario("inject", scenario);
    const rules = flags.rules === undefined
      ? undefined
      : readJson(flags.rules, await context.files.read(flags.rules));
    return await withControl(context, flags.control, async (control) => {
      const answer = rules === undefined
        ? await control.call("inject", { scenario: scenario ?? "" })
        : await control.call("rules", { name: flags.rules ?? "", rules });
      return injected(answer);
    });
  },
});

function injected(answer: JsonObject): Report {
  return {
    json: answer,
    blocks: [
      facts(
        Object.entries(answer).map(([key, value]) => [
          key,
          parameterText(plain(answer["name"]), key, value),
        ]),
      ),
      paragraph(`Next: nvmectl drive clear ${plain(answer["name"])} ends it.`),
    ],
  };
}

function readJson(path: string, bytes: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
