// Features, security protocols and logs: asked for and set by nvme-cli and by nvmectl.

import { assert, assertEquals } from "@std/assert";
import { type Fields, ours, peer } from "../../../support/peer.ts";
import { guestTest } from "../../../support/guest.ts";
import { ServedDrive } from "../../../support/served_drive.ts";
import { servedTest } from "../served/bench.ts";
import { about, same } from "./same.ts";

/** nvme-cli asks for all namespaces where none is named, nvmectl for none. */
const ALL = "--namespace 0xffffffff";

servedTest("feature get asks for current, default, saved and what is supported", async (bench) => {
  const questions = [
    [4, "-s 0", ALL],
    [4, "-s 1 --cdw11=0x20000", `--select default --which tmpsel=2 ${ALL}`],
    [4, "-s 3", `--select supported ${ALL}`],
    [5, "-n 1 -s 2", "--select saved --namespace 1"],
    [0x16, "-s 0", ALL],
  ] as const;
  const sent = await same(bench, ["Get Features"], {
    theirs: questions.map(([fid, words]) => `nvme get-feature $CTRL -f ${fid} ${words}`)
      .join(" && "),
    ours: questions.map(([fid, , words]) => `nvmectl feature get ${fid} $CTRL ${words}`)
      .join(" && "),
    only: (command) => [4, 5, 0x16].some((fid) => about(fid)(command)),
  });
  assertEquals(sent.length, questions.length);
});

servedTest("feature set sends dwords, fields, data and the save bit", async (bench) => {
  await bench.must(String.raw`printf '\000\020\245\324\223\001\000\000' > /run/stamp`);
  const sent = await same(bench, ["Set Features"], {
    before: "nvme set-feature $CTRL -f 5 -n 1 -v 0",
    theirs: "nvme set-feature $CTRL -f 4 -v 0x150 && nvme set-feature $CTRL -f 5 -n 1 -v 0x64 && " +
      "nvme set-feature $CTRL -f 6 -v 1 -s && nvme set-feature $CTRL -f 0xe -l 8 -d /run/stamp",
    ours: `nvmectl feature set temperature-threshold $CTRL --value 0x150 ${ALL} && ` +
      "nvmectl feature set error-recovery $CTRL --namespace 1 --set tler=10s && " +
      `nvmectl feature set volatile-write-cache $CTRL --value 1 --save ${ALL} && ` +
      `nvmectl feature set timestamp $CTRL --data /run/stamp ${ALL}`,
    after: "nvme set-feature $CTRL -f 4 -v 0x163 && nvme set-feature $CTRL -f 5 -n 1 -v 0",
  });
  assertEquals(sent.map(({ cdw11 }) => Number(cdw11)), [0x150, 0x64, 1, 0]);
});

servedTest("what one tool sets the other one shows; queues are the kernel's", async (bench) => {
  const { device, guest } = bench;
  await bench.must("nvmectl feature set temperature-threshold $CTRL --set tmpth=80C");
  const text = await bench.must("nvme get-feature $CTRL -f 4");
  assert(/value:0x0*161\b/i.test(text), text);
  await bench.must("nvme set-feature $CTRL -f 4 -v 0x163");
  const mine = await bench.ours("feature", "get", "4", device);
  assertEquals(mine["value"], 0x163);
  const refused = await guest.run(
    `nvmectl feature set number-of-queues ${device} --value 0x10001`,
  );
  assertEquals(refused.code, 3, refused.stderr);
  assert(refused.stderr.includes("its queues belong to the kernel"), refused.stderr);
});

servedTest("security receive asks for the same and brings the same bytes", async (bench) => {
  const sent = await same(bench, ["Security Receive"], {
    theirs: "nvme security-recv $CTRL -p 0 -s 0 -x 512 -t 512 -b > /run/theirs0 && " +
      "nvme security-recv $CTRL -p 1 -s 1 -x 4096 -t 4096 -b > /run/theirs1",
    ours: "nvmectl security receive $CTRL --protocol 0 -o raw > /run/ours0 && " +
      "nvmectl security receive $CTRL --protocol 1 --specific 1 -o raw > /run/ours1",
  });
  assertEquals(sent.length, 2);
  // nvme-cli writes a line of its own before the bytes.
  await bench.must(
    "tail -c 512 /run/theirs0 | cmp - /run/ours0 && tail -c 4096 /run/theirs1 | cmp - /run/ours1",
  );
});

servedTest("lba-status and its log name the blocks that were lost", async (bench) => {
  const { device, guest, block } = bench;
  await bench.must("nvme write-uncor $BLK -s 512 -c 2");
  try {
    // nvme-cli 2.3 sends Get LBA Status without room for the answer, so by its passthrough: up to
    // 1,024 dwords, tracked blocks, 1,024 of them.
    await same(bench, ["Get LBA Status"], {
      theirs: "nvme admin-passthru $CTRL --opcode=0x86 -n 1 --cdw12=1023 --cdw13=0x11000400 " +
        "-l 4096 -r",
      ours: `{ nvmectl lba-status ${block} --blocks 1024; [ $? -eq 1 ]; }`,
    });
    const found = await ours(guest, ["lba-status", block]);
    assertEquals([found["exit_status"], found["found_blocks"]], [1, 3]);
    const [range] = found["ranges"] as readonly Fields[];
    assertEquals([range?.["start"], range?.["blocks"]], [512, 3]);
    const theirs = await bench.peer("lba-status-log $CTRL");
    const { log } = await bench.ours("log", "lba-status", device) as { log: Fields };
    assertEquals(
      [log["generation"], log["unrecoverable"], log["namespace_count"]],
      [theirs["lsgc"], theirs["estulb"], theirs["nlslne"]],
    );
  } finally {
    await bench.must("nvme write-zeroes $BLK -s 512 -c 2");
  }
  const after = await ours(guest, ["lba-status", block]);
  assertEquals([after["exit_status"], after["found_blocks"]], [0, 0]);
});

servedTest("log persistent-event makes a context, reads, and releases it", async (bench) => {
  const header = await bench.peer("persistent-event-log $CTRL -a 1 -l 512");
  await bench.must("nvme persistent-event-log $CTRL -a 2");
  const seen = await bench.traced("nvmectl log persistent-event $CTRL -o json > /run/events");
  const actions = seen.filter((one) => one["event"] === "command" && about(0x0d)(one))
    .filter(({ name }) => name === "Get Log Page")
    .map(({ cdw10 }) => Number(cdw10) >>> 8 & 3);
  assertEquals(
    [actions[0], new Set(actions.slice(1, -1)), actions.at(-1)],
    [3, new Set([0]), 2],
    "establish and read the header, read, release",
  );
  const { log } = JSON.parse(await bench.must("cat /run/events")) as { log: Fields };
  assertEquals(log["generation"], Number(header["gen_number"]) + 1);
  // Nobody is left in it.
  await bench.steps([["nvme persistent-event-log $CTRL -a 0 -l 512", "Command Sequence Error"]]);
});

guestTest("log ana is what nvme ana-log shows, also of the groups alone", async (guest) => {
  const drive = await ServedDrive.start(guest, { drive: "virtual:multipath", port: 4422 });
  await drive.connect();
  const [device = ""] = await drive.controllers("VIRTUAL0020");
  for (
    const [theirs, words, namespaces] of [["", [], [[1], [2]]], [
      "--groups",
      ["--groups-only"],
      [[], []],
    ]] as const
  ) {
    const shown = await peer(guest, `ana-log ${device} ${theirs}`);
    const groups = shown["ANA DESC LIST "] as readonly Fields[];
    const { log } = await ours(guest, ["log", "ana", device, ...words]) as {
      log: {
        change_count: number;
        groups: readonly {
          group: number;
          access: { state: Fields };
          namespaces: readonly number[];
        }[];
      };
    };
    assertEquals(
      log.groups.map(({ access }) => access.state["text"]),
      groups.map((one) => one["state"]),
    );
    assertEquals(log.groups.map((one) => one.namespaces), namespaces.map((one) => [...one]));
    assertEquals(log.change_count, shown["chgcnt"]);
  }
  await drive.disconnect();
  await drive.stop();
});
