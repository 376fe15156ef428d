// Faults of commands, completions and connections: the kernel recovers, and the I/O with it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { scenarioTest, show, showing } from "./showing.ts";

const RECOVERY = [
  /starting error recovery/,
  /Reconnecting in 1 seconds/,
  /Successfully reconnected/,
];
const TIMEOUT = /queue [1-9]\d*: timeout request 0x[0-9a-f]+ type 4/;
/** A read that has to bring what is there. */
const READ = "first 0 4";
const BEFORE = "fill good | put 0";
/** I/O is given up sooner than after half a minute. */
const IMPATIENT = `${BEFORE}; echo 2000 > /sys/block/$NAME/queue/io_timeout`;
const PATIENT = "echo 30000 > /sys/block/$NAME/queue/io_timeout";

showing("hang-io: after io_timeout the kernel recovers, and the read completes", {
  inject: "hang-io",
  before: IMPATIENT,
  run: READ,
  writes: "good",
  log: [TIMEOUT, ...RECOVERY],
  after: PATIENT,
});

showing("lost-completion: the write has happened and is repeated", {
  inject: "lost-completion",
  before: IMPATIENT,
  run: "fill new | put 0; first 0",
  writes: "new",
  log: [TIMEOUT, ...RECOVERY],
  after: PATIENT,
});

showing("hang-admin: the admin queue times out, and the controller is reset", {
  inject: "hang-admin:opcode=6",
  run: "nvme admin-passthru $CTRL --opcode=6 --cdw10=1 --data-len=4096 -r --timeout=1500 | wc -c",
  writes: /\n?0\n/,
  log: [/queue 0: timeout request 0x[0-9a-f]+ type 4/, ...RECOVERY],
});

for (
  const [how, says] of [
    ["close", RECOVERY],
    ["reset", RECOVERY],
    ["terminate", [/Received C2HTermReq \(FES = PDU Sequence Error\)/, ...RECOVERY]],
  ] as const
) {
  showing(`drop-connection:how=${how}: the kernel connects again, and the read survives`, {
    inject: `drop-connection:how=${how}`,
    before: BEFORE,
    run: READ,
    writes: "good",
    log: says,
  });
}

/** Kernels that count the bytes of a read say so and read again; the others do not notice. */
for (
  const { inject, arrives } of [
    { inject: "short-data:bytes=512", arrives: 512 },
    { inject: "lost-pdu", arrives: 0 },
  ]
) {
  scenarioTest(
    `${inject}: ${arrives} bytes of 4096 come, and a kernel that does not count them says nothing`,
    async ({ drive, must, library }) => {
      await drive.inject(inject, `${library}fill good | put 0`);
      const found = await must("get 0 | tr -d '\\0' | wc -c");
      const log = await drive.log();
      if (/short data/.test(log)) assertMatch(await drive.logs(RECOVERY), /short data/);
      else assertEquals({ arrived: Number(found), log }, { arrived: arrives, log: "" });
    },
  );
}

showing("bad-cid: the completion of no command leads to recovery", {
  inject: "bad-cid",
  before: BEFORE,
  run: READ,
  writes: "good",
  log: [/could not locate request for tag|got bad cqe\.command_id/, ...RECOVERY],
});

showing("duplicate-completion: the second one belongs to no command any more", {
  inject: "duplicate-completion",
  before: BEFORE,
  run: READ,
  writes: "good",
  log: [/could not locate request for tag|genctr mismatch/, ...RECOVERY],
});

scenarioTest(
  "keep-alive-swallow: a controller that does not answer is connected anew",
  async (bench) => {
    await bench.reconnect(["--keep-alive-tmo=2"]);
    await show(bench, {
      inject: "keep-alive-swallow",
      run: "sleep 3",
      log: [/queue 0: timeout request/, ...RECOVERY],
    });
    await bench.reconnect();
  },
);

scenarioTest("header-digest: with --hdr-digest a wrong one ends the connection", async (bench) => {
  await bench.reconnect(["--hdr-digest", "--data-digest"]);
  await show(bench, {
    inject: "header-digest",
    before: BEFORE,
    run: READ,
    writes: "good",
    log: [/header digest error/, ...RECOVERY],
  });
});

scenarioTest(
  "data-digest: with --data-digest a wrong one fails the command, which is retried",
  async (bench) => {
    await show(bench, {
      inject: "data-digest",
      before: BEFORE,
      run: READ,
      writes: "good",
      log: [/data digest error/],
    });
    assert(!/error recovery/.test(await bench.drive.log()));
    await bench.reconnect();
  },
);
