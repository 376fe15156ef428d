// The kernel's nvme-tcp driver and nvme-cli on a served virtual drive.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Guest } from "../../../scripts/vm/guest.ts";
import { shell } from "../../support/guest.ts";
import { appeared } from "../../support/kernel_host.ts";
import { connect, targetTest } from "../../support/served_target.ts";

const DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
const SLOW = { timeoutMs: 120_000 } as const;
/** Makes a file system with a file in it, and prints the file's checksum. */
const fill = (device: string): string =>
  `mkfs.ext4 -q -F ${device} && mkdir -p /run/mnt && mount ${device} /run/mnt && ` +
  "dd if=/dev/urandom of=/run/mnt/file bs=1M count=8 2>/dev/null && " +
  "sha256sum </run/mnt/file && umount /run/mnt";
/** Mounts it again without anything remembered, and prints the checksum. */
const reread = (device: string): string =>
  `echo 3 >/proc/sys/vm/drop_caches; mount ${device} /run/mnt && ` +
  "sha256sum </run/mnt/file && umount /run/mnt";

async function kernelLog(guest: Guest): Promise<string> {
  return await shell(guest, "dmesg | grep -i nvme || true");
}

targetTest(
  "nvme discover lists the drives, and connect-all connects them",
  ["TCPA", "TCPB"],
  async (
    { guest, target },
  ) => {
    const { records } = JSON.parse(
      await shell(guest, `nvme discover ${target.address} -o json`),
    ) as {
      readonly records: readonly Readonly<Record<string, string>>[];
    };
    assertEquals(records.map(({ subnqn }) => subnqn), [DISCOVERY, ...target.nqns]);
    for (const { trtype, adrfam, traddr, trsvcid } of records) {
      assertEquals([trtype, adrfam, traddr, trsvcid], [
        "tcp",
        "ipv4",
        "10.0.2.2",
        `${target.port}`,
      ]);
    }
    await shell(guest, `nvme connect-all ${target.address}`);
    const names = [await appeared(guest, "TCPA"), await appeared(guest, "TCPB")];
    assertEquals(new Set(names).size, 2);
    const list = await shell(guest, "nvme list");
    for (const serial of ["TCPA", "TCPB"]) assertStringIncludes(list, serial);
  },
);

for (const digests of ["", "--hdr-digest", "--data-digest", "--hdr-digest --data-digest"]) {
  targetTest(
    `a file system keeps what was written ${
      digests === "" ? "without digests" : `with ${digests}`
    }`,
    ["TCPFS"],
    async ({ guest, target }) => {
      const device = `/dev/${await connect(guest, target, digests)}n1`;
      const written = await shell(guest, fill(device), SLOW);
      assertMatch(written, /^[0-9a-f]{64}/);
      assertEquals(await shell(guest, reread(device), SLOW), written);
      await shell(guest, "nvme disconnect-all");
      const again = `/dev/${await connect(guest, target, digests)}n1`;
      assertEquals(await shell(guest, reread(again), SLOW), written);
      // It complains with its exit status.
      await shell(guest, `e2fsck -fn ${again}`, SLOW);
    },
  );
}

targetTest("without flow control data stands for the response", ["TCPSQ"], async (
  { guest, target },
) => {
  const device = `/dev/${await connect(guest, target, "--disable-sqflow")}n1`;
  const written = await shell(guest, fill(device), SLOW);
  assertEquals(await shell(guest, reread(device), SLOW), written);
});

targetTest("each I/O queue has a connection of its own", ["TCPQ"], async ({ guest, target }) => {
  const name = await connect(guest, target, "--nr-io-queues=2");
  const count = await shell(guest, `cat /sys/class/nvme/${name}/queue_count`);
  assertEquals(count.trim(), "3");
  await shell(
    guest,
    `for cpu in 0 1; do taskset -c $cpu dd if=/dev/${name}n1 of=/dev/null bs=64k count=64 ` +
      "iflag=direct 2>/dev/null & done; wait",
    SLOW,
  );
});

targetTest("nvme reset and nvme disconnect go as on any drive", ["TCPR"], async (
  { guest, target },
) => {
  const name = await connect(guest, target);
  await shell(guest, `nvme reset /dev/${name}`);
  await shell(guest, `dd if=/dev/${name}n1 of=/dev/null bs=4k count=16 iflag=direct`);
  const { stdout } = await guest.run(`nvme disconnect -n ${target.nqns[0]}`);
  assertMatch(stdout, /disconnected 1 controller/);
  assertEquals(await shell(guest, "ls /sys/class/nvme"), "");
  // The controller is free for the next host.
  await connect(guest, target);
});

targetTest(
  "the kernel reconnects to a target that was restarted, and loses nothing",
  ["TCPX"],
  async (
    { guest, target },
  ) => {
    const name = await connect(guest, target, "--reconnect-delay=1 --ctrl-loss-tmo=60");
    const device = `/dev/${name}n1`;
    const written = await shell(guest, fill(device), SLOW);
    await target.stop();
    await shell(
      guest,
      `for i in $(seq 100); do [ "$(cat /sys/class/nvme/${name}/state)" = connecting ] && exit; ` +
        "usleep 100000; done; exit 1",
    );
    // It waits for the target to come back.
    await shell(guest, `(sha256sum </dev/null; ${reread(device)}) >/run/reread 2>&1 &`);
    target.start();
    await shell(
      guest,
      `for i in $(seq 200); do [ "$(cat /sys/class/nvme/${name}/state)" = live ] && exit; ` +
        "usleep 100000; done; exit 1",
      SLOW,
    );
    await shell(
      guest,
      "for i in $(seq 300); do [ $(wc -l </run/reread) = 2 ] && exit; usleep 100000; done; " +
        "cat /run/reread >&2; exit 1",
      SLOW,
    );
    assertEquals((await shell(guest, "tail -1 /run/reread")).trim(), written.trim());
    assertMatch(await kernelLog(guest), /Successfully reconnected/);
  },
);

targetTest(
  "a connection that breaks in the middle costs a reconnection, not data",
  ["TCPD"],
  async (
    { guest, target },
  ) => {
    const name = await connect(guest, target, "--reconnect-delay=1");
    let left = 1;
    target.drives[0]?.taps.attach("nvme:io:decode", () => {
      if (left-- > 0) return { kind: "disconnect", how: "reset" };
    });
    const written = await shell(guest, fill(`/dev/${name}n1`), SLOW);
    assert(left <= 0);
    assertEquals(await shell(guest, reread(`/dev/${name}n1`), SLOW), written);
    assertMatch(await kernelLog(guest), /starting error recovery/);
  },
);

targetTest("the kernel notices spoiled digests, and recovers", ["TCPE"], async (
  { guest, target },
) => {
  const name = await connect(
    guest,
    target,
    "--hdr-digest --data-digest --reconnect-delay=1",
  );
  const taps = target.drives[0]?.taps;
  let left = 1;
  taps?.attach("tcp:c2h:writeback", () => {
    if (left-- > 0) return { kind: "mutate", corrupt: "data-digest" };
  });
  const read = `dd if=/dev/${name}n1 of=/dev/null bs=4k count=4 iflag=direct 2>/dev/null`;
  await shell(guest, read, SLOW);
  assertMatch(await kernelLog(guest), /data digest (error|flag)|recv ddgst/);
  left = 1;
  taps?.detach("tcp:c2h:writeback");
  taps?.attach("tcp:rsp:writeback", () => {
    if (left-- > 0) return { kind: "mutate", corrupt: "header-digest" };
  });
  await shell(guest, read, SLOW);
  assertMatch(await kernelLog(guest), /header digest error/);
});

targetTest("garbage at the port disturbs nobody", ["TCPG"], async ({ guest, target }) => {
  const name = await connect(guest, target);
  const device = `/dev/${name}n1`;
  await shell(
    guest,
    `(for i in 1 2 3 4 5 6 7 8; do head -c 100000 /dev/urandom | ` +
      `/run/vm/busybox nc -w 2 10.0.2.2 ${target.port} >/dev/null 2>&1; done) &`,
  );
  const written = await shell(guest, fill(device), SLOW);
  assertEquals(await shell(guest, reread(device), SLOW), written);
});
