// Which processes have a namespace open, as virtual machines and daemons do without a claim.

import { deviceNumber } from "./attribute.ts";
import type { HostView } from "./host_view.ts";
import { compareNames, parseName } from "./names.ts";
import type { StackedDevice } from "./stack.ts";
import type { Use } from "./use.ts";

const PROC = "/proc";
const BLOCK = "/sys/class/block";
const GENERIC = "/sys/class/nvme-generic";

/** The inode that the machine's first process namespace always has (PROC_PID_INIT_INO). */
const INITIAL_PROCESSES = "pid:[4026531836]";

/** Open files that are no files: a device cannot hide behind them. */
const NO_FILE = /^(?:socket|pipe|anon_inode):/;

/** A node that processes may have open. */
interface Node {
  readonly path: string;
  readonly namespaces: readonly string[];
}

/**
 * The processes that have namespaces of the stack open, or their partitions or character devices;
 * this process is not told. Not seen are devices that a process has only mapped into its memory.
 */
export function openIn(view: HostView, stack: readonly StackedDevice[]): readonly Use[] {
  const nodes = nodesOf(view, stack);
  if (nodes.size === 0) return [];
  return processes(view).flatMap((process) => {
    const found = openNodes(view, process, nodes);
    if (found.length === 0) return [];
    const name = nameOf(view, process);
    return name === undefined ? [] : [openUse(found, process, name)]; // or it has just ended
  });
}

/** What `openIn` cannot see of this machine. */
export function unseenProcesses(view: HostView): readonly string[] {
  const listed = processes(view);
  const self = view.readLink(`${PROC}/self`);
  if (listed.length === 0 && self === undefined) {
    return ["processes that have it open are not known: /proc cannot be read"];
  }
  const spots: string[] = [];
  const closed = listed.find((process) => isClosed(view, process));
  // Whoever may not see others is shown a /proc without them, and so without the first.
  const isWhole = self === "1" || listed.includes("1");
  if (!isWhole || (closed !== undefined && view.stat(`${PROC}/self`)?.userId !== 0)) {
    spots.push("processes of other users that have it open are not seen");
  } else if (closed !== undefined) {
    const name = nameOf(view, closed) ?? "unknown";
    spots.push(`what process ${closed} (${name}), and perhaps others, have open is not seen`);
  }
  const namespace = view.readLink(`${PROC}/self/ns/pid`);
  if (namespace !== undefined && namespace !== INITIAL_PROCESSES) {
    spots.push("processes outside this container that have it open are not seen");
  }
  return spots;
}

/** The numbers of all processes but this one. */
export function processes(view: HostView): readonly string[] {
  const self = view.readLink(`${PROC}/self`);
  return view.readDir(PROC).filter((name) => /^\d+$/.test(name) && name !== self)
    .sort(compareNames);
}

/** Whether a living process does not show its open files to this one. */
function isClosed(view: HostView, process: string): boolean {
  const directory = `${PROC}/${process}`;
  // Root may list the files of any process, but needs more than that to see what they are.
  const files = view.readDir(`${directory}/fd`).map((number) => `${directory}/fd/${number}`);
  // Threads of the kernel have no files, but do have a working directory.
  const links = files.length > 0 ? files : [`${directory}/cwd`];
  if (links.some((path) => view.readLink(path) !== undefined)) return false;
  const state = /.*\) (.)/s.exec(view.readText(`${directory}/stat`, "latin1") ?? "")?.[1];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The name of a process's program; undefined where it has ended. */
export function nameOf(view: HostView, process: string): string | undefined {
  return view.readText(`${PROC}/${process}/comm`)?.replace(/\n$/, "");
}

/** The nodes that lead to the namespaces, by type and device number. */
function nodesOf(view: HostView, stack: readonly StackedDevice[]): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  const add = (type: "block" | "character", number: string | undefined, node: Node): void => {
    if (number !== undefined) nodes.set(`${type} ${number}`, node);
  };
  const blocks = view.readDir(BLOCK);
  for (const { kind, name, path, device, below, namespaces } of stack) {
    const isPartition = kind === "partition" && below.some((on) => on.kind === "namespace");
    if (kind !== "namespace" && !isPartition) continue;
    add("block", device, { path, namespaces });
    const parsed = parseName(name);
    if (parsed?.kind !== "namespace") continue;
    const generic = { path: `/dev/${parsed.generic}`, namespaces };
    add("character", genericNumber(view, parsed.generic), generic);
    for (const hidden of blocks) {
      const other = parseName(hidden);
      if (other?.kind !== "path" || other.head !== name) continue;
      add("block", deviceNumber(view, `${BLOCK}/${hidden}/dev`), {
        path: `/dev/${hidden}`,
        namespaces,
      });
    }
  }
  return nodes;
}

function genericNumber(view: HostView, name: string): string | undefined {
  const node = view.stat(`/dev/${name}`);
  return deviceNumber(view, `${GENERIC}/${name}/dev`) ??
    (node?.type === "character" ? node.device : undefined);
}

/** The nodes that a process has open; none where it has ended meanwhile. */
function openNodes(
  view: HostView,
  process: string,
  nodes: ReadonlyMap<string, Node>,
): readonly Node[] {
  const found = new Set<Node>();
  const directory = filesOf(view, process);
  for (const number of view.readDir(directory)) {
    const path = `${directory}/${number}`;
    const target = view.readLink(path);
    if (target === undefined || NO_FILE.test(target)) continue;
    // What the link says may be gone, or any name that mknod was given: only the number counts.
    const file = view.stat(path);
    const node = file?.device === undefined ? undefined : nodes.get(`${file.type} ${file.device}`);
    if (node !== undefined) found.add(node);
  }
  return [...nodes.values()].filter((node) => found.has(node));
}

/** Where a process shows its open files: at another thread once the first has ended. */
export function filesOf(view: HostView, process: string): string {
  const own = `${PROC}/${process}/fd`;
  if (view.readDir(own).length > 0) return own;
  const threads = `${PROC}/${process}/task`;
  return view.readDir(threads).map((thread) => `${threads}/${thread}/fd`)
    .find((directory) => view.readDir(directory).length > 0) ?? own;
}

function openUse(nodes: readonly Node[], process: string, name: string): Use {
  const paths = nodes.map(({ path }) => path);
  const are = paths.length === 1 ? "is" : "are";
  return {
    kind: "open",
    device: paths[0] ?? "",
    namespaces: [...new Set(nodes.flatMap(({ namespaces }) => namespaces))],
    detail: process,
    blocking: true,
    text: `${paths.join(" and ")} ${are} open in process ${process} (${name})`,
  };
}
