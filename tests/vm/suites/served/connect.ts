// The kernel finds the drive, connects to it, keeps the connection and comes back after resets.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { KEEP_ALIVE_S, NAMESPACE_BYTES, SERIAL, servedTest } from "./bench.ts";

type Fields = Readonly<Record<string, unknown>>;

const OTHER_HOST = "11111111-2222-3333-4444-555555555555";
const BLOCK_BYTES = 512;

servedTest("nvme discover lists the drive and its discovery subsystem", async (bench) => {
  const { records } = await bench.peer("discover -t tcp -a 127.0.0.1 -s 4420") as {
    records: readonly Fields[];
  };
  assertEquals(
    records.map((
      { trtype, adrfam, subtype, traddr, trsvcid, subnqn },
    ) => [trtype, adrfam, subtype, traddr, trsvcid, subnqn]),
    [
      [
        ...["tcp", "ipv4", "current discovery subsystem", "127.0.0.1", "4420"],
        "nqn.2014-08.org.nvmexpress.discovery",
      ],
      ["tcp", "ipv4", "nvme subsystem", "127.0.0.1", "4420", bench.drive.nqn],
    ],
  );
});

servedTest(
  "the kernel has as many queues and the keep-alive timer that nvme connect asked for",
  async (bench) => {
    const attributes = ["state", "transport", "cntrltype", "subsysnqn", "queue_count", "kato"];
    assertEquals(await Promise.all(attributes.map(bench.attribute)), [
      ...["live", "tcp", "io", bench.drive.nqn],
      // The admin queue and one for each processor.
      ...["3", `${KEEP_ALIVE_S}`],
    ]);
    const asked = await bench.must(
      "nvme get-feature $CTRL -f 7; nvme get-feature $CTRL -f 0xf; " +
        "nvme get-property $CTRL --offset=0x1c; nvme get-property $CTRL --offset=8 -H",
    );
    assertMatch(asked, /Number of Queues\), Current value:0x00010001/);
    assertMatch(asked, /Keep Alive Timer\), Current value:0x00002710/);
    assertMatch(asked, /property: 0x1c \(Controller Status\), value: 1\b/);
    assertMatch(asked, /NVMe specification 2\.1/);
    const used = await bench.traced(
      "for cpu in 0 1; do taskset -c $cpu dd if=$BLK of=/dev/null bs=4k count=4 iflag=direct; done",
    );
    const queues = used.filter(({ name }) => name === "Read").map(({ sqid }) => sqid);
    assertEquals([...new Set(queues)].toSorted(), [1, 2]);
  },
);

servedTest("an idle host sends Keep Alive, and the drive answers", async (bench) => {
  const seen = await bench.traced(`sleep ${KEEP_ALIVE_S * 0.6}`);
  const answers = seen.filter(({ name, event }) => name === "Keep Alive" && event === "completion");
  assert(answers.length > 0, JSON.stringify(seen));
  for (const { status } of answers) assertEquals((status as Fields)["value"], 0);
});

servedTest("list shows the drive as nvme list does", async (bench) => {
  const { Devices: devices } = await bench.peer("list") as { Devices: readonly Fields[] };
  const theirs = devices.find((one) => one["SerialNumber"] === SERIAL);
  const mine = await bench.ours("list") as Record<string, readonly Fields[]>;
  const own = mine["namespaces"]?.find(({ serial }) => serial === SERIAL);
  assert(own && theirs, JSON.stringify({ mine, devices }));
  assertEquals(
    [own["device"], own["nsid"], own["model"], own["firmware"], own["block_bytes"]],
    ["DevicePath", "NameSpace", "ModelNumber", "Firmware", "SectorSize"].map((key) => theirs[key]),
  );
  assertEquals(
    [own["size_bytes"], own["used_bytes"], own["nsze"]].map(Number),
    ["PhysicalSize", "UsedBytes", "MaximumLBA"].map((key) => theirs[key]),
  );
  assertEquals(theirs["PhysicalSize"], NAMESPACE_BYTES);
  assertEquals(theirs["MaximumLBA"], NAMESPACE_BYTES / BLOCK_BYTES);
  const controller = mine["controllers"]?.find(({ serial }) => serial === SERIAL);
  assertEquals(
    ["device", "transport", "state", "nqn", "queue_count"].map((key) => controller?.[key]),
    [bench.device, "tcp", "live", bench.drive.nqn, 3],
  );
});

servedTest(
  "a second host is told that the controller is busy, and disturbs nobody",
  async (bench) => {
    await bench.drive.mark();
    const options = [
      ...[
        "transport=tcp,traddr=127.0.0.1,trsvcid=4420,duplicate_connect",
        `nqn=${bench.drive.nqn}`,
      ],
      ...[`hostid=${OTHER_HOST}`, `hostnqn=nqn.2014-08.org.nvmexpress:uuid:${OTHER_HOST}`],
    ].join(",");
    await bench.steps([[`echo "${options}" > /dev/nvme-fabrics`, "failed"]]);
    const log = await bench.drive.logs([/Connect command failed: controller is busy/]);
    assert(!log.includes(`${bench.device.slice(5)}: `), log);
    assertEquals(await bench.attribute("state"), "live");
  },
);

servedTest("after nvme reset the same controller goes on, its queues made anew", async (bench) => {
  const text = "written before the reset";
  await bench.must(`echo ${text} | dd of=$BLK conv=sync oflag=direct,dsync status=none`);
  await bench.drive.mark();
  await bench.must("nvme reset $CTRL");
  await bench.drive.logs([/resetting controller/, /creating 2 I\/O queues/]);
  await bench.drive.heal(bench.device, bench.block);
  assertMatch(await bench.must("dd if=$BLK count=1 iflag=direct status=none"), RegExp(text));
  assertEquals(await bench.attribute("queue_count"), "3");
});

servedTest("nvme subsystem-reset takes the controller down, and it comes back", async (bench) => {
  await bench.drive.mark();
  await bench.must("nvme subsystem-reset $CTRL");
  await bench.drive.logs([/creating 2 I\/O queues/]);
  await bench.drive.heal(bench.device, bench.block);
  assertEquals((await bench.ours("health", bench.device))["verdict"], "good");
});
