// nvmectl version: which nvmectl this is, and which specifications it follows.

import { command } from "../cli/command.ts";
import { facts, type Report, table } from "../cli/report.ts";
import { REFERENCES } from "../spec/references.ts";
import { runtimeVersions, VERSION } from "../version.ts";

const NVM_EXPRESS = "NVM Express ";

export const version = command({
  name: "version",
  group: "Learn",
  summary: "Show the version, and which specifications it follows",
  effect: "read",
  target: "none",
  flags: {},
  formats: ["table", "json"],
  examples: [
    ["nvmectl version", "for a bug report"],
    ["nvmectl version -o json", "the same for a machine"],
  ],
  run: () => Promise.resolve(report()),
});

function report(): Report {
  const { deno, v8, target } = runtimeVersions();
  const specifications = Object.entries(REFERENCES)
    .filter(([, { title }]) => title.startsWith(NVM_EXPRESS))
    .map(([key, { title, revision, date, url }]) => ({ key, title, revision, date, url }));
  return {
    json: { version: VERSION, deno, v8, target, specifications },
    blocks: [
      facts([["nvmectl", VERSION], ["Deno", `${deno} (V8 ${v8})`], ["Built for", target]]),
      { kind: "heading", text: "Specifications followed" },
      table(
        ["Revision", "Specification", "Date"],
        specifications.map(({ title, revision, date }) => [revision, title, date]),
      ),
    ],
  };
}
