// The logs that are taken for a support case: telemetry, persistent events, endurance.

import { assert, assertEquals } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { servedTest } from "./bench.ts";

/** Byte of the telemetry header that says whether the controller has taken data by itself. */
const CONTROLLER_AVAILABLE = 382;
const BLOCK = 512;

servedTest("telemetry that nvme telemetry-log takes is what nvmectl reads then", async (bench) => {
  await bench.must("nvme telemetry-log $CTRL --output-file=/run/telemetry.bin");
  const theirs = await bench.guest.run("cat /run/telemetry.bin");
  const mine = await bench.guest.run(`nvmectl log telemetry-host ${bench.device} -o raw`);
  assertEquals(mine.code, 0, mine.stderr);
  assert(theirs.stdoutBytes.length > BLOCK);
  assertEquals(
    mine.stdoutBytes.subarray(0, theirs.stdoutBytes.length),
    theirs.stdoutBytes,
  );
  const { log } = await bench.ours("log", "telemetry-host", bench.device) as { log: Fields };
  await bench.must("nvme telemetry-log $CTRL --output-file=/run/telemetry.bin");
  const { log: later } = await bench.ours("log", "telemetry-host", bench.device) as {
    log: Fields;
  };
  assertEquals(Number(later["host_generation"]), Number(log["host_generation"]) + 1);
});

servedTest("telemetry of the controller is there once it has panicked", async (bench) => {
  const read = "nvme telemetry-log $CTRL --controller-init --output-file=/run/telemetry.bin";
  assert((await bench.must(read)).includes("Data Not Available"));
  await bench.drive.inject("panic-dump");
  assert(!(await bench.must(read)).includes("Data Not Available"));
  const { stdoutBytes } = await bench.guest.run("cat /run/telemetry.bin");
  assert(stdoutBytes.length > BLOCK);
  assertEquals(stdoutBytes[CONTROLLER_AVAILABLE], 1);
  const { log } = await bench.ours("log", "telemetry-controller", bench.device) as {
    log: { controller_available: Fields };
  };
  assertEquals(log.controller_available["value"], 1);
});

servedTest("the persistent event log has the same events for both tools", async (bench) => {
  await bench.must("nvme persistent-event-log $CTRL -a 2");
  const header = await bench.peer("persistent-event-log $CTRL -a 1 -l 512");
  // nvme-cli 2.3 shows an event only when there is something behind it.
  const theirs = await bench.peer(
    `persistent-event-log $CTRL -a 0 -l ${Number(header["total_log_len"]) + 4}`,
  );
  const events = theirs["list_of_event_entries"] as readonly Fields[];
  assertEquals(events.length, theirs["total_num_of_events"]);
  assert(events.some((event) => /Power-on or Reset/.test(JSON.stringify(event))));
  await bench.must("nvme persistent-event-log $CTRL -a 2");
  const { log } = await bench.ours("log", "persistent-event", bench.device) as {
    log: { event_count: number; length: number; subnqn: string; generation: number };
  };
  assertEquals(log.event_count, theirs["total_num_of_events"]);
  assertEquals([log.length, log.subnqn], [theirs["total_log_len"], theirs["subnqn"]]);
  assertEquals(log.generation, Number(theirs["gen_number"]) + 1);
  await bench.steps([
    ["nvme persistent-event-log $CTRL -a 2", "ok"],
    ["nvme persistent-event-log $CTRL -a 0 -l 512", "Command Sequence Error"],
  ]);
});

servedTest("log endurance agrees with nvme endurance-log", async (bench) => {
  const theirs = await bench.peer("endurance-log $CTRL -g 1");
  const { log } = await bench.ours("log", "endurance", bench.device, "--lsi", "1") as {
    log: Fields;
  };
  const names = {
    avl_spare: "available_spare",
    avl_spare_threshold: "available_spare_threshold",
    percent_used: "percentage_used",
    endurance_estimate: "endurance_estimate",
    data_units_read: "data_read",
    data_units_written: "data_written",
    media_units_written: "media_written",
    host_write_cmds: "host_write_commands",
    media_data_integrity_err: "media_errors",
    num_err_info_log_entries: "error_log_entries",
  } as const;
  const pairs = Object.entries(names);
  assertEquals(
    pairs.map(([, own]) => Number(log[own])),
    pairs.map(([key]) => Number(theirs[key])),
  );
});
