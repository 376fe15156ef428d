// Tests of what verdicts are believed: a plug-in can answer anything, and the drive goes on.

import { assert, assertEquals } from "@std/assert";
import { checkClaim, checkVerdict } from "../../../src/drive/tap/check_verdict.ts";
import type { Verdict } from "../../../src/drive/tap/verdict.ts";
import { Bench, OK } from "../bench.ts";

const WRONG: readonly (readonly [given: unknown, said: string])[] = [
  [7, "gave 7, which is no verdict"],
  [[], "gave an array, which is no verdict"],
  [{}, "gave an unknown verdict undefined"],
  [{ kind: "maybe" }, "gave an unknown verdict 'maybe'"],
  [{ kind: 10n }, "gave an unknown verdict 10n"],
  [{ kind: "claim", status: "x" }, "gave a verdict with status 'x', which is no"],
  [{ kind: "claim", status: 0x8000 }, "gave a verdict with status 32768, which is no"],
  [{ kind: "claim", status: { type: 9, code: 1 } }, "gave a verdict with status.type 9, "],
  [{ kind: "claim", status: { type: 1 } }, "gave a verdict with status without a type and a code"],
  [{ kind: "claim", status: { type: 1, code: 1, more: 1 } }, "gave a verdict with status.more 1"],
  [{ kind: "claim", dw0: 10n }, "gave a verdict with dw0 10n, which is no whole number"],
  [{ kind: "claim", dw1: 0.5 }, "gave a verdict with dw1 0.5, which is no whole number"],
  [{ kind: "claim", data: "zzz" }, "gave a verdict with data 'zzz', which is no Uint8Array"],
  [{ kind: "claim", value: 0.5 }, "gave a verdict with value 0.5, which is no bigint"],
  [{ kind: "claim", value: 1n << 64n }, "gave a verdict with value 18446744073709551616n"],
  [{ kind: "mutate", data: [1] }, "gave a verdict with data an array"],
  [{ kind: "mutate", metadata: null }, "gave a verdict with metadata null"],
  [{ kind: "mutate", header: {} }, "gave a verdict with header an object"],
  [{ kind: "mutate", lba: 1n }, "gave a verdict with lba 1n, which is no number"],
  [{ kind: "mutate", corrupt: "all" }, "gave a verdict with corrupt 'all'"],
  [{ kind: "mutate", command: 1 }, "gave a verdict with command that is no object"],
  [{ kind: "mutate", command: { flags: null } }, "gave a verdict with command.flags that is no"],
  [{ kind: "mutate", command: { flags: { fuse: 4 } } }, "gave a verdict with command.flags.fuse 4"],
  [{ kind: "mutate", command: { opcode: 256 } }, "gave a verdict with command.opcode 256"],
  [{ kind: "mutate", command: { prp1: "0" } }, "gave a verdict with command.prp1 '0'"],
  [{ kind: "mutate", command: { cdw99: 1 } }, "gave a verdict with command.cdw99, which is no"],
  [{ kind: "mutate", completion: { copies: 17 } }, "gave a verdict with completion.copies 17"],
  [{ kind: "mutate", completion: { copies: 1e9 } }, "gave a verdict with completion.copies 1000"],
  [{ kind: "mutate", completion: { status: {} } }, "gave a verdict with completion.status an"],
  [{ kind: "delay", ms: Infinity }, "gave a verdict with ms Infinity, which is no time"],
  [{ kind: "delay" }, "gave a verdict with ms undefined"],
  [{ kind: "disconnect", how: "softly" }, "gave a verdict with how 'softly'"],
  [{ kind: "disconnect", how: "terminate", fes: 1e9 }, "gave a verdict with fes 1000000000"],
  [{ kind: "disconnect", fes: 0 }, "gave a verdict with fes 0"],
];

Deno.test("checkVerdict() says what is wrong with each verdict of a wrong type", () => {
  for (const [given, said] of WRONG) {
    const found = checkVerdict(given);
    assert(typeof found === "string" && found.startsWith(said), `${said}: found ${String(found)}`);
  }
});

Deno.test("checkVerdict() never throws, whatever it is given", () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const thrower = {
    get kind(): string {
      throw new Error("no");
    },
  };
  for (const given of [thrower, revoked.proxy, Symbol("x"), () => 1, Object.create(null)]) {
    assertEquals(typeof checkVerdict(given), "string");
  }
});

Deno.test("checkVerdict() makes of a good verdict what the drive goes by", () => {
  const data = new Uint8Array(4);
  const good: readonly (readonly [unknown, unknown])[] = [
    [undefined, { kind: "continue" }],
    [null, { kind: "continue" }],
    [{ kind: "drop", why: 1 }, { kind: "drop" }],
    [{ kind: "claim", status: 0x7fff, dw0: -1, dw1: 2 ** 32 + 5, data, value: 7 }, {
      kind: "claim",
      status: 0x7fff,
      dw0: 0xffffffff,
      dw1: 5,
      data,
      value: 7n,
    }],
    [{ kind: "mutate", command: { flags: { psdt: 1 }, nsid: -1, prp1: -1n, cdw10: undefined } }, {
      kind: "mutate",
      command: { flags: { value: 0x40, fuse: 0, psdt: 1 }, nsid: 0xffffffff, prp1: 2n ** 64n - 1n },
    }],
    [{ kind: "mutate", completion: { copies: 0, cid: 0xffff } }, {
      kind: "mutate",
      completion: { copies: 0, cid: 0xffff },
    }],
    [{ kind: "delay", ms: 0.5 }, { kind: "delay", ms: 0.5 }],
    [{ kind: "disconnect", how: "terminate", fes: 6 }, {
      kind: "disconnect",
      how: "terminate",
      fes: 6,
    }],
  ];
  for (const [given, made] of good) assertEquals<unknown>(checkVerdict(given), made);
});

Deno.test("checkVerdict() takes bytes out of memory that others can write", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(3);
  const found = checkVerdict({ kind: "mutate", data: shared });
  shared.fill(9);
  assertEquals<unknown>(found, { kind: "mutate", data: new Uint8Array([3, 3]) });
});

Deno.test("checkClaim() takes a claim without its kind, and nothing else", () => {
  assertEquals(checkClaim(undefined), undefined);
  assertEquals<unknown>(checkClaim({ status: 5 }), { kind: "claim", status: 5 });
  assertEquals(checkClaim(1), "completed a command with 1");
  assertEquals(checkClaim({ kind: "drop" }), "completed a command with kind 'drop'");
  assertEquals(typeof checkClaim({ status: "x" }), "string");
});

Deno.test("A wrong verdict at a command tap detaches its plug-in, and the command goes on", async () => {
  const taps = ["nvme:io:fetch", "nvme:io:decode", "nvme:io:data", "nvme:io:writeback"];
  for (const [given] of WRONG) {
    for (const tap of taps) {
      for (const answer of [given, Promise.resolve(given)]) {
        const bench = new Bench();
        bench.drive.taps.attach(tap, () => answer as Verdict, { plugin: "bad" });
        assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, OK);
        assertEquals(bench.drive.taps.reports.map(({ plugin }) => plugin), ["bad"]);
        assertEquals(bench.drive.taps.armed, Object.create(null));
      }
    }
  }
});

Deno.test("A wrong verdict at media and registers detaches its plug-in too", async () => {
  const wrong = { kind: "mutate", data: "zzz", value: "1" } as unknown as Verdict;
  const bench = new Bench();
  const { taps, first } = bench.drive;
  taps.attach("nvme:media:read", () => wrong, { plugin: "one" });
  taps.attach("nvme:regread:writeback", () => wrong, { plugin: "two" });
  assertEquals((await bench.io(0x02, { nsid: 1, length: 512 })).status, OK);
  first.registers.read(0x1c, 4);
  assertEquals(taps.reports.map(({ plugin }) => plugin), ["one", "two"]);
});

Deno.test("A deferred command that is completed wrongly goes on as it would have gone", async () => {
  const bench = new Bench();
  const later: (() => void)[] = [];
  bench.drive.taps.attach("nvme:io:decode", (context) => {
    if (context.kind !== "command") return;
    later.push(() => context.complete({ kind: "claim", status: "x" as unknown as number }));
    return { kind: "defer" };
  }, { plugin: "bad" });
  const answer = bench.io(0x00, { nsid: 1 });
  later[0]?.();
  assertEquals((await answer).status, OK);
  assertEquals(bench.drive.taps.reports.map(({ message }) => message), [
    "completed a command with status 'x', which is no whole number from 0 to 32767",
  ]);
});
