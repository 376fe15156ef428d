// Scenarios as they are typed and shown: names that are near, and values in words.

import { findScenario, SCENARIOS } from "../../drive/scenario/registry.ts";
import { UsageError } from "../../errors.ts";
import { formatDuration, type Json } from "../../layout/mod.ts";
import { plain } from "./control.ts";

/**
 * Looks whether there is a scenario of this name, which may have parameters behind it.
 *
 * @param verb what is tried with it: `inject`
 * @throws UsageError with the name that may have been meant
 */
export async function checkScenario(verb: string, text: string): Promise<void> {
  const name = text.replace(/:.*$/s, "");
  if (findScenario(name)) return;
  const { didYouMean } = await import("../../cli/closest.ts");
  const near = didYouMean(name, SCENARIOS.map((known) => known.name));
  throw new UsageError(`Cannot ${verb} ${JSON.stringify(name)}: there is no such scenario`, {
    next: `${near === undefined ? "" : `${near} `}nvmectl drive scenarios lists them`,
  });
}

/** A parameter of a loaded scenario: times in words; everything else as it is. */
export function parameterText(plugin: string, key: string, value: Json): string {
  const parameter = findScenario(plugin.replace(/#.*$/, ""))?.parameters[key];
  return parameter?.kind === "time" ? formatDuration(Number(value)) : plain(value);
}
