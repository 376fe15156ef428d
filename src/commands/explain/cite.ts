// A citation as people read it: the document by its title, the section, the figure.

import type { Fact } from "../../cli/report.ts";
import type { JsonObject } from "../../layout/mod.ts";
import { parseCitation, REFERENCES } from "../../spec/references.ts";

/** `NVM Express Base Specification 2.1, section 5.1.12.1.3, figure 206`. */
export function citationText(cite: string): string {
  const { key, section, figure } = parseCitation(cite);
  const { title, revision } = REFERENCES[key];
  return [
    title.includes(revision) || revision.startsWith("RFC") ? title : `${title} ${revision}`,
    ...(section === undefined ? [] : [`section ${section}`]),
    ...(figure === undefined ? [] : [`figure ${figure}`]),
  ].join(", ");
}

/** The citation as one labelled line. */
export function citationFact(cite: string): Fact {
  return ["Defined in", citationText(cite)];
}

/** The citation for a machine. */
export function citationJson(cite: string): JsonObject {
  const { key, section = null, figure = null } = parseCitation(cite);
  const { title, revision, url } = REFERENCES[key];
  return { reference: key, title, revision, section, figure, url };
}
