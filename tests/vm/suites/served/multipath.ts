// A drive with two controllers on two ports: one block device, two paths that differ.

import { assert, assertEquals } from "@std/assert";
import { guestTest, shell } from "../../../support/guest.ts";
import { type Fields, ours, peer } from "../../../support/peer.ts";
import { ServedDrive } from "../../../support/served.ts";

const SERIAL = "VIRTUAL0020";
const PORT = 4421;
const OTHER_PORT = 4422;

guestTest("two paths to one namespace, of which the kernel takes the better", async (guest) => {
  const drive = await ServedDrive.start(guest, {
    drive: "virtual:multipath",
    port: PORT,
    words: ["--tcp", `${OTHER_PORT}`],
  });
  await drive.connect();
  await shell(
    guest,
    `nvme connect -t tcp -a 127.0.0.1 -s ${OTHER_PORT} -n ${drive.nqn} --nr-io-queues=1`,
  );
  const [one = "", two = ""] = await drive.controllers(SERIAL);
  const { namespaces } = await ours(guest, ["list"]) as { namespaces: readonly Fields[] };
  const own = namespaces.filter(({ serial }) => serial === SERIAL);
  assertEquals(own.map(({ nsid }) => nsid), [1, 2]);
  const [head = {}, second = {}] = own;

  // Each controller is the better way to one of the two, whoever is asked.
  const states = async (block: unknown): Promise<unknown> => {
    const [host] = await peer(guest, `list-subsys ${block}`) as unknown as readonly [
      { Subsystems: readonly { Paths: readonly Fields[] }[] },
    ];
    return host?.Subsystems[0]?.Paths.map(({ Name, ANAState }) => [`/dev/${Name}`, ANAState]);
  };
  const paths = (namespace: Fields): unknown =>
    (namespace["paths"] as readonly Fields[])
      .map(({ controller, ana_state: state }) => [`/dev/${controller}`, state]);
  const better = [[one, "optimized"], [two, "non-optimized"]];
  const worse = [[one, "non-optimized"], [two, "optimized"]];
  assertEquals([await states(head["device"]), paths(head)], [better, better]);
  assertEquals([await states(second["device"]), paths(second)], [worse, worse]);

  // The log page: nvme-cli 2.3 leaves out the room for the last identifiers, and shows a 0.
  for (const [device, expected] of [[one, better], [two, worse]] as const) {
    const log = await peer(guest, `ana-log ${device}`);
    const groups = log["ANA DESC LIST "] as readonly Fields[];
    const { log: mine } = await ours(guest, ["log", "ana", device]) as {
      log: { groups: readonly Record<string, unknown>[] };
    };
    assertEquals(groups.map(({ grpid }) => grpid), [1, 2]);
    assertEquals(groups.map(({ state }) => state), [
      expected[0]?.[1],
      expected[0]?.[1] === "optimized" ? "non-optimized" : "optimized",
    ]);
    assertEquals(
      mine.groups.map((group) => (group["state"] as Fields)["text"]),
      groups.map(({ state }) => state),
    );
  }

  const block = String(head["device"]);
  const { "0": path = "" } = /nvme\d+$/.exec(one) ?? {};
  const stat = await shell(
    guest,
    `dd if=/dev/urandom of=/run/data bs=64k count=8 status=none
     dd if=/run/data of=${block} bs=64k oflag=direct,dsync status=none
     cat /sys/class/nvme/${path}/${path}*n*/stat /sys/class/nvme/${path}/*c*n1/stat 2>/dev/null | head -1`,
  );
  assert(stat.trim() !== "");
  // Without the better path the other one serves, with the same data.
  await shell(guest, `nvme disconnect --device=${path}`);
  await shell(guest, `dd if=${block} bs=64k count=8 iflag=direct status=none | cmp - /run/data`);
  const { namespaces: left } = await ours(guest, ["list"]) as { namespaces: readonly Fields[] };
  assertEquals(
    paths(left.find(({ device }) => device === block) ?? {}),
    [[two, "non-optimized"]],
  );
  await drive.disconnect();
  await drive.stop();
});
