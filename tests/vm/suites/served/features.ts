// Get Features and Set Features through the kernel: values, what is saved, and what follows.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Fields } from "../../../support/peer.ts";
import { type Bench, OK, servedTest } from "./bench.ts";

/** Copies what the kernel tells user space of devices, a variable a line, until it is ended. */
const UEVENTS = `socket(my $socket, 16, 2, 15) or die $!;
bind($socket, pack("SSLL", 16, 0, 0, 1)) or die $!;
$| = 1;
print "listening\\n";
print tr/\\0/\\n/r, "\\n" while sysread($socket, $_, 8192);
`;

/** What the kernel tells user space while a script runs that makes the drive raise an event. */
async function announcements(bench: Bench, script: string): Promise<string> {
  await bench.guest.run("cat > /run/uevents.pl", { stdin: UEVENTS });
  return await bench.must(
    `perl /run/uevents.pl > /run/uevents & listener=$!
     until [ -s /run/uevents ]; do sleep 0.1; done
     ${script}
     for try in $(seq 50); do grep -q NVME_AEN /run/uevents && break; sleep 0.1; done
     kill $listener; cat /run/uevents`,
  );
}

/** The four values of a feature, as `nvme get-feature` shows them: current, default and so on. */
const VALUES = /value:(?:0x)?([0-9a-f]+)/g;

servedTest(
  "features have a current, a default and a saved value, and capabilities",
  async (bench) => {
    const features = [
      ["temperature threshold", 0x04, [0x163, 0x163, 0x163, 0b101]],
      ["error recovery, of a namespace", 0x05, [0, 0, 0, 0b111]],
      ["number of queues", 0x07, [0x1_0001, 0x1f_001f, 0x1f_001f, 0b100]],
    ] as const;
    for (const [name, fid, expected] of features) {
      const text = await bench.must(
        `for select in 0 1 2 3; do nvme get-feature $CTRL -f ${fid} -n 1 -s $select; done`,
      );
      const found = [...text.matchAll(VALUES)].map(([, digits = ""]) => parseInt(digits, 16));
      assertEquals(found, [...expected], name);
    }
    const mine = await bench.ours("raw", "admin", bench.device, "--opcode", "0x0a", "--cdw10", "4");
    assertEquals(Number(mine["result"]), 0x163);
  },
);

servedTest(
  "a feature that was saved outlives a reset, one that was not does not",
  async (bench) => {
    const value = async (select: number): Promise<number> => {
      const text = await bench.must(`nvme get-feature $CTRL -f 6 -s ${select}`);
      return parseInt([...text.matchAll(VALUES)][0]?.[1] ?? "", 16);
    };
    // The volatile write cache, which is on.
    await bench.must("nvme set-feature $CTRL -f 6 -v 0");
    assertEquals([await value(0), await value(2)], [0, 1]);
    await bench.must("nvme reset $CTRL");
    assertEquals(await value(0), 1);
    await bench.must("nvme set-feature $CTRL -f 6 -v 0 -s && nvme reset $CTRL");
    assertEquals([await value(0), await value(2)], [0, 0]);
    await bench.must("dd if=/dev/zero of=$BLK bs=4k count=1 oflag=direct,dsync status=none");
    await bench.must("nvme set-feature $CTRL -f 6 -v 1 -s");
    assertEquals([await value(0), await value(1), await value(2)], [1, 1, 1]);
  },
);

servedTest(
  "a temperature threshold below the temperature raises an event, a warning in all views",
  async (bench) => {
    try {
      // The kernel has set what it wants to hear of; temperature comes on top.
      const announced = await announcements(
        bench,
        "nvme set-feature $CTRL -f 0xb -v 0x302 && nvme set-feature $CTRL -f 4 -v 0x100",
      );
      // Log page 02h, information 01h: temperature threshold; type 1: SMART.
      assertMatch(announced, /^NVME_AEN=0x020101$/m);
      assertEquals((await bench.peer("smart-log $CTRL"))["critical_warning"], 2);
      const health = await bench.ours("health", bench.device);
      const { critical_warning: warning } = health["smart"] as Record<string, Fields>;
      assertEquals([warning?.["value"], warning?.["temperature"]], [2, true]);
      assertEquals(health["exit_status"], 1);
    } finally {
      await bench.must("nvme set-feature $CTRL -f 4 -v 0x163");
    }
    assertEquals((await bench.peer("smart-log $CTRL"))["critical_warning"], 0);
  },
);

servedTest("the timestamp that the kernel has set goes on", async (bench) => {
  const text = await bench.must("nvme get-feature $CTRL -f 0xe -H; date +%s");
  assertMatch(text, /initialized with a Timestamp value using a Set Features command/);
  const stamp = Number(/timestamp is : (\d+)/.exec(text)?.[1]);
  const now = Number(text.trim().split("\n").at(-1)) * 1000;
  assert(Math.abs(stamp - now) < 30_000, text);
});

servedTest("the host identifier is that of the connection", async (bench) => {
  const id = (await bench.attribute("hostid")).replaceAll("-", "");
  const bytes = await bench.must(
    "nvme get-feature $CTRL -f 0x81 -l 16 --cdw11=1 -b | od -An -tx1 -v",
  );
  assertEquals(bytes.replaceAll(/\s/g, ""), id);
});

servedTest(
  "a write protected namespace takes no writes, and the kernel knows it",
  async (bench) => {
    const readOnly = `[ "$(cat /sys/block/\${BLK#/dev/}/ro)" =`;
    await bench.steps([
      ["nvme set-feature $CTRL -f 0x84 -n 1 -v 1", OK],
      [
        "nvme write $BLK -s 0 -c 0 -z 512 -d /dev/zero",
        "Namespace is Write Protected",
      ],
      [`${readOnly} 1 ]`, OK],
      ["nvme set-feature $CTRL -f 0x84 -n 1 -v 0", OK],
      ["nvme write $BLK -s 0 -c 0 -z 512 -d /dev/zero", OK],
      [`${readOnly} 0 ]`, OK],
      ["nvme set-feature $CTRL -f 0xd -v 1", "Invalid Field in Command"],
      ["nvme set-feature $CTRL -f 7 -v 0x10001", "Command Sequence Error"],
    ]);
  },
);
