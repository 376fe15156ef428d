// A drive being served: its ports, its control socket, its faults, and its end in good order.

import type { Served, ServeRequest } from "../cli/drive_service.ts";
import { TcpTarget } from "../drive/face/tcp/target.ts";
import { UnreachableError, UsageError } from "../errors.ts";
import type { JsonObject } from "../layout/mod.ts";
import { openDriveTrace } from "../open/trace.ts";
import { openVirtualDrive } from "../open/virtual.ts";
import { controlPath } from "./control/place.ts";
import { ControlServer } from "./control/server.ts";
import { Faults } from "./faults.ts";
import { isLoopback, type ListenAt, parseListen } from "./listen_address.ts";
import { methodsOf } from "./methods.ts";
import { snapshotDrive } from "./snapshot.ts";
import { serveTcp, type TcpServer } from "./tcp_listener.ts";
import { Timers } from "./timers.ts";
import { TraceHub } from "./trace_hub.ts";

/** Serves a drive until `stop`. */
export async function serveDrive(request: ServeRequest): Promise<Served> {
  const { target: name, notice, seed } = request;
  const listen = request.listen.map(parseListen);
  await using resources = new AsyncDisposableStack();
  // The last to go: ending the others may still set some.
  const { after } = resources.use(new Timers());
  const opened = resources.adopt(
    await openVirtualDrive(name.replace(/^virtual:/, ""), {
      seed,
      after,
      failed: (error) => notice(error.message),
      powersOn: true,
      memoryBytes: request.memoryBytes,
    }),
    (open) => open.close(),
  );
  const { drive } = opened;
  drive.plugins.onLog = (plugin, message) => notice(`plug-in ${plugin}: ${message}`);
  drive.taps.onReport = ({ plugin, tap, message }) =>
    notice(`plug-in ${plugin} is detached: ${tap ? `at ${tap} ` : ""}it ${message}`);
  if (request.trace !== undefined) {
    resources.use(await openDriveTrace(drive, request.trace, notice));
  }
  const faults = new Faults(drive, seed);
  resources.defer(() => drive.plugins.unloadAll());
  for (const path of request.plugins) await faults.plugin(path, await readText(path));
  for (const path of request.rules) await faults.rules(path, await readJson(path));
  for (const scenario of request.scenarios) await faults.inject(scenario);

  const target = new TcpTarget({ now: drive.now, after });
  const subnqn = target.add({ drive, ...(request.subnqn ? { nqn: request.subnqn } : {}) });
  const servers = listen.map((at) => resources.use(openPort(target, at, notice)));
  const addresses = servers.map(({ address: { host, port } }) => ({ host, port }));
  const path = request.control ?? controlPath(addresses[0]?.port ?? 0);
  const about: Served["about"] = { drive: name, addresses, subnqn, control: path, seed };
  const hub = new TraceHub(drive);
  resources.use(
    await ControlServer.open(
      path,
      methodsOf({
        drive,
        faults,
        about,
        hub,
        snapshot: (file) => snapshotDrive(drive, file),
        powercut: (cached) => {
          // Whoever is connected to a drive without power is not any more.
          target.close();
          return drive.powercut({ cached });
        },
      }),
    ),
  );
  const all = resources.move();
  return { about, stop: () => all.disposeAsync() };
}

function openPort(target: TcpTarget, at: ListenAt, notice: ServeRequest["notice"]): TcpServer {
  if (!isLoopback(at)) {
    notice(`listening on ${at.hostname}:${at.port}: whoever can connect can erase this drive`);
  }
  try {
    return serveTcp({
      target,
      host: at.hostname,
      port: at.port,
      failed: (error) => notice(`a connection failed: ${(error as Error).message}`),
    });
  } catch (error) {
    const reason = (error as Error).message;
    throw new UnreachableError(`Cannot listen on ${at.hostname}:${at.port}: ${reason}`, {
      next: listenAdvice(error),
      cause: error,
    });
  }
}

function listenAdvice(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "choose another port with --tcp, or end whoever listens there";
  }
  if (error instanceof Deno.errors.PermissionDenied) return "choose a port from 1024 on with --tcp";
  return "give --tcp an address of this machine; ip address shows them";
}

async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function readJson(path: string): Promise<JsonObject> {
  try {
    return JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}
