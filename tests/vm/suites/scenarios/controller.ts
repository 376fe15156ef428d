// Faults of the controller: its events, its life cycle, and the operations that it carries out.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { nvmectl } from "../../../support/guest.ts";
import { type Bench, scenarioTest, showing } from "./showing.ts";

scenarioTest("slow-admin: the command's caller waits", async (bench) => {
  const [before = 0, slow = 0] = await times(bench);
  assert(slow > before + 900, `${before} ms before, ${slow} ms while it lasts`);
});

/** Milliseconds that nvme id-ctrl takes, without and with the fault. */
async function times({ drive, must }: Bench): Promise<readonly number[]> {
  const command = "took nvme id-ctrl $CTRL";
  const before = await must(command);
  await drive.inject("slow-admin:opcode=6,time=1s");
  return [before, await must(command)].map(Number);
}

showing("event-storm: the kernel scans the namespaces again and again, and the drive goes on", {
  inject: "event-storm:kind=namespaces,count=5,every=100ms",
  before: "fill good | put 0",
  run: "sleep 2; first 0 4",
  writes: "good",
  log: [/(rescanning namespaces\.[^]*){2}/],
});

showing("persistent-error: the kernel resets the controller, and I/O goes on", {
  inject: "persistent-error",
  before: "fill good | put 0",
  run: "first 0 4",
  writes: "good",
  log: [/resetting controller due to (AER|persistent internal error)/],
});

showing("panic-dump: nvme-cli reads the picture that the drive has taken of its inside", {
  inject: "panic-dump",
  run: `nvme telemetry-log $CTRL --controller-init --output-file=/run/dump >/dev/null || exit
    od -An -tx1 -N1 /run/dump; od -An -tu1 -j382 -N1 /run/dump; grep -ac panic-dump /run/dump`,
  writes: /^ 08\n +1\n[1-9]/,
});

/** One byte of a log page, as a number. */
const LOG_BYTE = (lid: number, at: number): string =>
  `$(nvme get-log $CTRL --log-id=${lid} --log-len=512 --raw-binary | od -An -tu1 -j${at} -N1)`;

showing("self-test-failing: the log has the segment and the block", {
  inject: "self-test-failing:percent=10,segment=7,lba=4242",
  run: `nvme device-self-test $CTRL --namespace-id=1 --self-test-code=1 >/dev/null || exit
    while [ ${LOG_BYTE(6, 0)} != 0 ]; do sleep 0.2; done
    nvme self-test-log $CTRL --dst-entries=1`,
  writes:
    /Operation Result\s*: 0x7[^]*Segment Number\s*: 0x7[^]*Failing LBA\s*: (0x1092|4242)[^]*Status Code Type\s*: (0x)?2[^]*Status Code\s*: (0x)?81/i,
});

/** Starts to sanitize, waits for the end, and writes how it ended: SSTAT bits 2:0. */
const SANITIZE = `sanitize() {
  nvme sanitize $CTRL --sanact=4 || return
  while state=$((${LOG_BYTE(0x81, 2)} & 7)); [ $state = 2 ]; do sleep 0.2; done
  echo "sstat $state"
}
`;

showing("sanitize-failing: the log says so, and reads are refused until one succeeds", {
  inject: "sanitize-failing:percent=10",
  run: `${SANITIZE} sanitize; try get 0; sanitize; get 0 | tr -d '\\0' | wc -c`,
  writes: "sstat 3\nbad\nsstat 1\n0",
  log: [/sct 0x0 \/ sc 0x1c\)/],
});

/** An image that is downloaded and ready to be committed. */
async function downloaded(bench: Bench, revision: string): Promise<void> {
  const { code, stderr } = await nvmectl(bench.guest, [
    ...["drive", "firmware-image", "/run/image", "--revision", revision],
  ]);
  assertEquals(code, 0, stderr);
  await bench.must("nvme fw-download $CTRL --fw=/run/image --xfer=4096");
}

scenarioTest("firmware-rejected: nvme fw-commit says that the image is invalid", async (bench) => {
  await downloaded(bench, "REJECT");
  await bench.drive.inject("firmware-rejected");
  const commit = "nvme fw-commit $CTRL --slot=2 --action=1";
  const refused = await bench.run(commit);
  assert(refused.code !== 0, refused.stdout);
  assertMatch(refused.stdout, /Invalid Firmware Image|FIRMWARE_IMAGE/i);
  await bench.must(commit);
});

scenarioTest(
  "slow-activation: the kernel waits as long as the drive said, then resets",
  async (bench) => {
    await downloaded(bench, "SLOW");
    await bench.drive.inject("slow-activation:time=6s");
    const { stdout } = await bench.run("nvme fw-commit $CTRL --slot=3 --action=3");
    await bench.drive.logs([/Fw activation timeout, reset controller/]);
    await bench.drive.heal(bench.device, bench.block);
    assertMatch(await bench.must("nvme id-ctrl $CTRL | grep ^fr"), /SLOW/, stdout);
  },
);

/** A test that begins without a connection. */
function disconnected(name: string, body: (bench: Bench) => Promise<void>): void {
  scenarioTest(name, async (bench) => {
    await bench.drive.disconnect();
    try {
      await body(bench);
    } finally {
      await bench.drive.ask("clear");
      await bench.drive.disconnect();
      await bench.drive.connect();
    }
  });
}

disconnected(
  "never-ready: the kernel gives up when the drive's own limit is over",
  async ({ drive }) => {
    await drive.inject("never-ready");
    const { code } = await drive.tryConnect();
    assert(code !== 0);
    await drive.logs([/Device not ready; aborting initialisation, CSTS=0x0/]);
  },
);

disconnected("slow-ready: the kernel looks until the drive is ready", async ({ drive }) => {
  await drive.inject("slow-ready:looks=5");
  await drive.connect();
  const log = await drive.logs([/new ctrl: NQN/]);
  assert(!/not ready/.test(log), log);
});

disconnected("all-ones: connecting fails as if there were no such device", async ({ drive }) => {
  await drive.inject("all-ones");
  const { code, stderr } = await drive.tryConnect();
  assert(code !== 0);
  assertMatch(stderr, /No such device/);
});

scenarioTest(
  "fatal-status: nvme get-property has it, and the kernel does not look",
  async (bench) => {
    await bench.drive.inject("fatal-status");
    assertMatch(
      await bench.must("nvme get-property $CTRL --offset=0x1c -H; first 0 1 | wc -l"),
      /Controller Fatal Status\s+\(CFS\): True[^]*\n1\n$/,
    );
    assert(!/nvme\d+: /.test(await bench.drive.log()));
  },
);

scenarioTest(
  "shutdown-stuck: the kernel waits for the shutdown, and goes without it",
  async (bench) => {
    await bench.drive.inject("shutdown-stuck");
    await bench.drive.disconnect();
    await bench.drive.logs([/Device shutdown incomplete; abort shutdown/]);
    await bench.drive.ask("clear");
    await bench.drive.connect();
  },
);
