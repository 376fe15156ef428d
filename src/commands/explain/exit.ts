// Explaining nvmectl's exit statuses.

import { facts, heading, paragraph } from "../../cli/report.ts";
import { EXIT } from "../../errors.ts";
import type { Kind, Subject } from "./subject.ts";

type ExitName = keyof typeof EXIT;

const MEANINGS: Readonly<Record<ExitName, readonly [meaning: string, next: string]>> = {
  ok: ["done, and what was found is good", "nothing"],
  bad: [
    'done, and the drive answered "bad": health, a failed self-test, damage found',
    "read the report: the verdict's reasons are in it",
  ],
  usage: ["what was typed cannot be done as typed", "nvmectl VERB --help shows what can be"],
  refused: [
    "the drive refused: it answered with an NVMe status, or says that it cannot do this",
    "nvmectl explain STATUS says what the status means; nvmectl log error may say more",
  ],
  unreachable: [
    "the drive cannot be reached: no device, no permission, no answer in time, gone",
    "nvmectl list shows what there is; dmesg what the kernel saw",
  ],
  unsafe: [
    "refused for safety before anything was sent: in use, or not confirmed",
    "nvmectl list shows which drive is which and what uses it",
  ],
  fault: ["a fault of nvmectl itself", "report it with the text that it printed"],
  hungUp: [
    "ended by SIGHUP: the terminal or connection is gone",
    "look what the drive goes on doing; nohup or tmux keep long work from this",
  ],
  interrupted: ["ended by SIGINT (Ctrl-C)", "the message says what the drive goes on doing"],
  terminated: ["ended by SIGTERM", "the message says what the drive goes on doing"],
};

const NAMES = Object.keys(EXIT) as readonly ExitName[];

/** Exit statuses. */
export const EXIT_KIND: Kind = {
  name: "exit-status",
  title: "Exit statuses",
  selectors: ["exit"],
  example: "nvmectl explain exit 3",
  all: () => NAMES.map(subject),
  // Exit statuses are decimal wherever one meets them.
  numbered: (text) =>
    /^[0-9]+$/.test(text) ? NAMES.filter((name) => EXIT[name] === Number(text)).map(subject) : [],
};

function subject(name: ExitName): Subject {
  const status = EXIT[name];
  const [meaning, next] = MEANINGS[name];
  return {
    kind: "exit-status",
    title: `${status} ${name}: ${meaning}`,
    names: [name, `exit ${name}`],
    explain: () => ({
      json: { exit_status: status, name, meaning, next },
      blocks: [
        heading(`Exit status ${status}: ${name}`),
        paragraph(meaning),
        facts([["Next", next]]),
      ],
    }),
  };
}
