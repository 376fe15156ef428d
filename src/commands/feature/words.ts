// What the verbs about features have in common: how one is named, how a value is shown.

import { didYouMean } from "../../cli/closest.ts";
import type { Positional } from "../../cli/command.ts";
import { integer } from "../../cli/flags.ts";
import { type Block, type Fact, facts } from "../../cli/report.ts";
import { type NamedFeature, namedFeature } from "../../controller/features.ts";
import type { FeatureValue } from "../../controller/feature_value.ts";
import { UsageError } from "../../errors.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { ALL_NAMESPACES } from "../../spec/command.ts";
import type { FeatureCapabilities } from "../../spec/feature/commands.ts";
import { FEATURES } from "../../spec/feature/registry.ts";

const UUID_INDEX_MAX = 0x7f;

/** The word that names a feature. */
export const FEATURE: Positional = {
  name: "NAME|FID",
  help: "a name, or a number such as 0x04 or 04h; nvmectl feature list shows them",
  choices: FEATURES.map(({ name }) => name),
};

/** The namespace of a feature that namespaces have. */
export const NAMESPACE = integer("The namespace, of a feature that each namespace has", {
  min: 1,
  max: ALL_NAMESPACES,
});

/** What a vendor's feature is looked up in. */
export const UUID_INDEX = integer("Index into the UUID list, for vendor specific features", {
  min: 1,
  max: UUID_INDEX_MAX,
});

/** The feature that the word names; UsageError with the nearest names. */
export function featureOf(word: string | undefined): NamedFeature {
  const typed = word ?? "";
  if (/^([0-9a-f]{1,2}h|0x[0-9a-f]+|[0-9]+)$/i.test(typed)) return namedFeature(typed);
  const names = FEATURES.flatMap(({ name, aliases }) => [name, ...aliases]);
  if (names.includes(typed.toLowerCase())) return namedFeature(typed);
  if (/[/:]/.test(typed)) {
    throw new UsageError(`Cannot find a feature of ${typed}: the feature comes first`, {
      next: `a name or number, then the drive: nvmectl feature get 0x04 ${typed}`,
    });
  }
  const near = didYouMean(typed, names);
  throw new UsageError(`Cannot find feature ${JSON.stringify(typed)}: there is none of that name`, {
    next: `${near ? `${near} ` : ""}nvmectl feature list shows the names; or a number, as 0x04`,
  });
}

/** `{ "value": 4, "text": "Temperature Threshold" }` and the name. */
export function featureJson({ fid, info }: NamedFeature): JsonObject {
  return {
    fid: { value: fid, text: info?.title ?? "not defined by the specification" },
    name: info?.name ?? null,
  };
}

/** `04h  Temperature Threshold`. */
export function featureHeading({ fid, info }: NamedFeature): string {
  const hex = `${fid.toString(16).padStart(2, "0")}h`;
  return `${hex}  ${info?.title ?? "a feature that only its vendor knows"}`;
}

/** Every piece of a value, a line each; its data as bytes where they are not decoded. */
export function valueBlocks({ dword0, data, fields }: FeatureValue, decoded: boolean): Block[] {
  const dword: Fact = ["Dword 0", `0x${dword0.toString(16).padStart(8, "0")}`];
  const rows = fields.map(({ path, label, text }): Fact => [
    path,
    `${label}: ${text === "" ? "empty" : text}`,
  ]);
  const bytes: Block[] = data && !decoded ? [{ kind: "hex", bytes: data }] : [];
  const empty: Fact[] = data && decoded && data.every((byte) => byte === 0)
    ? [["Data", "all zero"]]
    : [];
  return [facts([...rows, ...empty, dword]), ...bytes];
}

/** What can be done with a feature, for a person. */
export function capabilityWords(
  capabilities: FeatureCapabilities["dw0"] | undefined,
): string {
  if (capabilities === undefined) return "not reported";
  const { changeable, saveable, nsSpecific } = capabilities;
  const words = [
    changeable ? "change" : "",
    saveable ? "save" : "",
    nsSpecific ? "per namespace" : "",
  ].filter((word) => word !== "");
  return words.length === 0 ? "only read" : words.join(", ");
}

/** The same for a machine. */
export function capabilityJson(
  capabilities: FeatureCapabilities["dw0"] | undefined,
): JsonObject | null {
  if (capabilities === undefined) return null;
  const { value, changeable, saveable, nsSpecific } = capabilities;
  return {
    value,
    text: capabilityWords(capabilities),
    changeable,
    saveable,
    namespace_specific: nsSpecific,
  };
}
