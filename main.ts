// The program: builds the real world and hands it to run(). The only place that ends the process.

import { systemClock } from "./src/cli/clock.ts";
import { filesOn } from "./src/cli/files.ts";
import { run } from "./src/cli/run.ts";
import { systemSecrets } from "./src/cli/secret_source.ts";
import { systemStreams } from "./src/cli/streams.ts";
import { loadCommand, showHelp } from "./src/cli/verbs.ts";
import {
  driveService,
  machineControllers,
  machineTopology,
  openTarget,
  openTrace,
  pciService,
} from "./src/open.ts";
import { kernelKeyring } from "./src/open/keyring.ts";
import { systemSignals } from "./src/open/signals.ts";

if (import.meta.main) {
  Deno.exitCode = await run(Deno.args, {
    streams: systemStreams(),
    clock: systemClock,
    files: (heard) => filesOn(Deno, heard),
    open: openTarget,
    topology: machineTopology,
    controllers: machineControllers,
    trace: openTrace,
    drives: driveService,
    secrets: systemSecrets,
    keyring: kernelKeyring,
    pci: pciService,
    load: loadCommand,
    help: showHelp,
    signals: systemSignals,
    exitNow: (exit) => Deno.exit(exit),
  });
}
