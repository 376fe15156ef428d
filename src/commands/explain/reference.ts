// Explaining the keys of citations: which document is meant, and where it is.

import { facts, heading } from "../../cli/report.ts";
import { type ReferenceKey, REFERENCES } from "../../spec/references.ts";
import type { Kind, Subject } from "./subject.ts";

const KEYS = Object.keys(REFERENCES) as readonly ReferenceKey[];

/** Documents. */
export const REFERENCE_KIND: Kind = {
  name: "reference",
  title: "Documents cited",
  selectors: ["reference", "references"],
  example: "nvmectl explain BASE-2.1",
  all: () => KEYS.map(subject),
};

function subject(key: ReferenceKey): Subject {
  const { title, revision, date, url } = REFERENCES[key];
  return {
    kind: "reference",
    title: `${key}: ${title}`,
    names: [key, title],
    explain: () => ({
      json: { key, title, revision, date, url },
      blocks: [
        heading(`${key}: ${title}`),
        facts([["Revision", revision], ["Date", date], ["Document", url]]),
      ],
    }),
  };
}
