// nvmectl drive scenarios: the faults that can be injected by name.

import { command } from "../../cli/command.ts";
import { facts, heading, paragraph, type Report, table } from "../../cli/report.ts";
import { findScenario, SCENARIOS } from "../../drive/scenario/registry.ts";
import { type AnyScenario, MOST, type Parameter } from "../../drive/scenario/scenario.ts";
import { formatDuration, type JsonObject } from "../../layout/mod.ts";
import { checkScenario } from "./scenario_text.ts";

export const driveScenarios = command({
  name: "drive scenarios",
  group: "Rehearse",
  summary: "List the faults that can be injected, with their parameters",
  effect: "read",
  target: "none",
  positionals: [{
    name: "NAME",
    help: "One of them in full",
    optional: true,
    choices: SCENARIOS.map(({ name }) => name),
  }],
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl drive scenarios", "all of them, one line each"],
    ["nvmectl drive scenarios latency", "what that one takes, and what a host sees"],
  ],
  async run(_context, { words: [name] }) {
    if (name === undefined) return listReport();
    await checkScenario("show", name);
    const scenario = findScenario(name.replace(/:.*$/s, ""));
    return scenario ? oneReport(scenario) : listReport();
  },
});

function listReport(): Report {
  return {
    json: { scenarios: SCENARIOS.map(jsonOf) },
    blocks: [
      table(
        ["Scenario", "The drive does this"],
        SCENARIOS.map(({ name, summary }) => [name, summary]),
      ),
      paragraph("Next: nvmectl drive inject NAME:KEY=VALUE,...; drive scenarios NAME says more."),
    ],
  };
}

function oneReport(scenario: AnyScenario): Report {
  const { name, summary, effect, parameters } = scenario;
  return {
    json: { scenario: jsonOf(scenario) },
    blocks: [
      facts([["Scenario", name], ["The drive", summary], ["A host sees", effect]]),
      heading("Parameters"),
      table(
        ["Name", "Default", "Values", "Meaning"],
        Object.entries(parameters).map(([key, parameter]) => [
          key,
          initialOf(parameter),
          valuesOf(parameter),
          parameter.help,
        ]),
      ),
      paragraph("Every scenario also takes seed=N; the one that was used is shown."),
    ],
  };
}

function initialOf(parameter: Parameter): string {
  if (parameter.kind === "time") return formatDuration(parameter.initialMs);
  return `${parameter.initial}`;
}

function valuesOf(parameter: Parameter): string {
  switch (parameter.kind) {
    case "word":
      return parameter.words.join(", ");
    case "time":
      return `250ms, 30s, 2h, ... up to ${MOST.hours}h`;
    case "number":
      return parameter.max === Number.MAX_SAFE_INTEGER
        ? `${parameter.min} or more`
        : `${parameter.min} to ${parameter.max}`;
  }
}

function jsonOf({ name, summary, effect, parameters }: AnyScenario): JsonObject {
  return {
    name,
    summary,
    effect,
    parameters: Object.entries(parameters).map(([key, parameter]) => ({
      name: key,
      help: parameter.help,
      kind: parameter.kind,
      default: parameter.kind === "time" ? parameter.initialMs : parameter.initial,
      ...(parameter.kind === "word" ? { values: parameter.words } : {}),
      ...(parameter.kind === "number" ? { min: parameter.min, max: parameter.max } : {}),
    })),
  };
}
