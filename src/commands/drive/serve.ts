// nvmectl drive serve: a virtual drive that the kernel, or anybody else, can connect to.

import { command, type Context } from "../../cli/command.ts";
import { integer, text, texts } from "../../cli/flags.ts";
import { facts, paragraph, type Report } from "../../cli/report.ts";
import type { Served } from "../../cli/drive_service.ts";
import { InterruptedError, UsageError } from "../../errors.ts";
import { checkScenario } from "./scenario_text.ts";
import { size } from "./size.ts";

/** The longest NQN [BASE-2.1 §4.7]. */
const NQN_BYTES = 223;

export const driveServe = command({
  name: "drive serve",
  group: "Rehearse",
  summary: "Serve a virtual drive over NVMe/TCP",
  description:
    "Serves until it is interrupted; then its caches are written and its file is saved.\n" +
    "A drive without a file keeps its blocks in memory; when that is full, writes that need new\n" +
    "blocks end with Write Fault.\n" +
    "Two of a name have the same serial number and NQN, and look to a host like one drive:\n" +
    "nvmectl drive new makes one that differs.\n" +
    "Without a host in --tcp it listens on loopback only: whoever can connect can erase it.\n" +
    "Faults are injected from elsewhere: nvmectl drive inject, over the control socket.",
  effect: "read",
  target: "none",
  positionals: [{
    name: "DRIVE",
    help: "virtual: (the default), virtual:NAME or virtual:FILE.json",
    optional: true,
  }],
  flags: {
    tcp: texts(
      "Listen on this port, or host and port; may be given again (default 4420)",
      "[HOST:]PORT",
    ),
    subnqn: text("The subsystem's NQN, instead of one made of the serial number", "NQN"),
    plugin: texts("Load a plug-in from this file; may be given again", "FILE"),
    scenario: texts("Begin with this fault; may be given again", "NAME[:KEY=VALUE,...]"),
    rules: texts("Load declarative rules from this file; may be given again", "FILE"),
    control: text("Where to make the control socket", "PATH"),
    memory: size("Memory for the blocks of a drive without a file, such as 4GiB (default 1GiB)"),
    seed: integer("Seed of everything random", { max: 0xffffffff }),
    trace: {
      ...text("Show every command on stderr, or write it to FILE (.pcapng, .ndjson, .txt)", "FILE"),
      bare: "-",
    },
  },
  formats: ["table", "ndjson"],
  examples: [
    ["nvmectl drive serve", "the default drive at 127.0.0.1:4420"],
    ["nvmectl drive serve virtual:d.json", "one that lasts, made by nvmectl drive new"],
    ["nvmectl drive serve --scenario no-writes:after=100", "loses every write from the 101st on"],
    ["nvmectl drive serve --tcp 0.0.0.0:4420 --trace=drive.pcapng", "for the network, recorded"],
  ],
  async run(context, { flags, words: [target = "virtual:"] }) {
    if (!target.startsWith("virtual:")) {
      throw new UsageError(
        `Cannot serve ${JSON.stringify(target)}: only virtual drives are served`,
        {
          next: "name virtual:, virtual:NAME or virtual:FILE.json",
        },
      );
    }
    if (flags.memory !== undefined && target.endsWith(".json")) {
      throw new UsageError(`Cannot use --memory with ${target}: its blocks are in its file`);
    }
    for (const scenario of flags.scenario) await checkScenario("inject", scenario);
    const { signal } = context;
    const service = await context.drives();
    const served = await service.serve({
      target,
      listen: flags.tcp.length > 0 ? flags.tcp : ["4420"],
      subnqn: flags.subnqn === undefined ? undefined : checkedNqn(flags.subnqn),
      plugins: flags.plugin,
      scenarios: flags.scenario,
      rules: flags.rules,
      control: flags.control,
      memoryBytes: flags.memory,
      trace: flags.trace,
      // What happened can be had again: the seed is shown.
      seed: flags.seed ?? context.clock.now() % 0x1_0000_0000,
      notice: (said) => context.notice(said),
    });
    await context.emit(readyReport(target, served));
    await untilAborted(signal);
    context.notice(`stopping ${target}: ${(signal.reason as InterruptedError).message}`);
    await served.stop();
    return stoppedReport(context, target);
  },
});

/** Throws UsageError for what is no NVMe Qualified Name [BASE-2.1 §4.7]. */
function checkedNqn(nqn: string): string {
  const bytes = new TextEncoder().encode(nqn).length;
  if (nqn.startsWith("nqn.") && bytes <= NQN_BYTES) return nqn;
  throw new UsageError(`Cannot use --subnqn ${JSON.stringify(nqn)}: it is no NQN`, {
    next: `an NQN begins with nqn. and has at most ${NQN_BYTES} bytes: nqn.2014-08.org.example:d1`,
  });
}

function readyReport(target: string, { about }: Served): Report {
  const [first] = about.addresses;
  const connect = first &&
    `nvme connect -t tcp -a ${first.host} -s ${first.port} -n ${about.subnqn}`;
  return {
    json: { event: "ready", target, ...about },
    blocks: [
      facts([
        ["Drive", target],
        ["Listens on", about.addresses.map(addressText).join(", ")],
        ["NQN", about.subnqn],
        ["Control", about.control],
        ["Seed", `${about["seed"]}`],
      ]),
      ...(connect ? [paragraph(`Next: ${connect}`)] : []),
      paragraph("Ctrl-C ends it; what it stores is written first."),
    ],
  };
}

/** As `--tcp` takes it: an IPv6 address stands in brackets. */
function addressText({ host, port }: Served["about"]["addresses"][number]): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function stoppedReport({ format }: Context, target: string): Report {
  return {
    json: { event: "stopped", target },
    blocks: format === "table" ? [paragraph("Stopped.")] : [],
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
