// A drive with two controllers on two ports: one block device, two paths that differ.

import { assertEquals } from "@std/assert";
import { guestTest, shell } from "../../../support/guest.ts";
import { type Fields, ours, peer } from "../../../support/peer.ts";
import { ServedDrive } from "../../../support/served_drive.ts";

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
      log: { groups: readonly { access: { state: Fields }; namespaces: unknown }[] };
    };
    assertEquals(groups.map(({ grpid }) => grpid), [1, 2]);
    assertEquals(groups.map(({ state }) => state), [
      expected[0]?.[1],
      expected[0]?.[1] === "optimized" ? "non-optimized" : "optimized",
    ]);
    assertEquals(
      mine.groups.map(({ access }) => access.state["text"]),
      groups.map(({ state }) => state),
    );
    assertEquals(mine.groups.map(({ namespaces }) => namespaces), [[1], [2]]);
  }

  const block = String(head["device"]);
  const ways = (head["paths"] as readonly Fields[]).map(({ name }) => name);
  /** Writes that have gone each way. */
  const writes = async (): Promise<readonly number[]> => {
    const text = await shell(guest, ways.map((way) => `cat /sys/block/${way}/stat`).join("; "));
    return text.trim().split("\n").map((line) => Number(line.trim().split(/\s+/)[4]));
  };
  const before = await writes();
  await shell(
    guest,
    `dd if=/dev/urandom of=/run/data bs=64k count=8 iflag=fullblock status=none
     dd if=/run/data of=${block} bs=64k oflag=direct status=none`,
  );
  const after = await writes();
  assertEquals(after.map((count, at) => count - (before[at] ?? 0)), [8, 0]);
  // Without the better path the other one serves, with the same data.
  await shell(guest, `nvme disconnect --device=${one.slice(5)}`);
  await shell(guest, `dd if=${block} bs=64k count=8 iflag=direct status=none | cmp - /run/data`);
  const { namespaces: left } = await ours(guest, ["list"]) as { namespaces: readonly Fields[] };
  assertEquals(
    paths(left.find(({ device }) => device === block) ?? {}),
    [[two, "non-optimized"]],
  );
  await drive.disconnect();
  await drive.stop();
});
