// A drive file: a virtual drive that outlives the process. `FILE.json` says what kind of drive it
// is and what it remembers; the folder `FILE.json.data` beside it holds its blocks.

import { type DriveState, type Personality, VirtualDrive } from "../../drive/mod.ts";
import { StorageFailure } from "../../drive/media/block_store.ts";
import { lastingState } from "../../drive/model/lasting.ts";
import { NvmectlError, UnreachableError, UsageError } from "../../errors.ts";
import { type Disk, systemDisk } from "./disk.ts";
import { type Content, contentOf, SCHEMA } from "./content.ts";
import { made } from "./encodable.ts";
import { FileStorage } from "./file_storage.ts";
import { ShapeError } from "./rule.ts";
import { checkState, STATE_FORMAT } from "./state_shape.ts";
import { parseValue, type Value, valueText } from "./text.ts";

/** What changes with every command, such as counters, is written at least this often. */
const INTERVAL_MS = 10_000;

/** Bytes of a drive file, which holds no blocks. */
const FILE_MAX = 64 * 1024 * 1024;

/** What opening depends on, besides the file. */
export interface DriveFileOptions {
  readonly now: () => number;
  /** As of VirtualDrive; without it no plug-in can delay a command. */
  readonly after?: (ms: number, action: () => void) => () => void;
  readonly disk?: Disk;
  /**
   * Hears once why the disk does not take what the drive is to keep; again after it did, but no
   * more often than every ten seconds.
   */
  readonly failed?: (error: UnreachableError) => void;
  /**
   * Opening switches the drive on, which it counts. Without it one that was closed goes on where it
   * was, as if it had never been off: what is typed command by command is for one running drive.
   */
  readonly powersOn?: boolean;
}

/** How a new drive file is made. */
export interface NewDriveFile {
  /** Of the drive's randomness; 1 when left out. */
  readonly seed?: number;
  /** What a drive that is on remembers at a time of its clock; a new drive when left out. */
  readonly past?: { readonly state: DriveState; readonly at: number };
  readonly disk?: Disk;
}

/**
 * Makes a drive file of a personality, or of a preset with changes. Nothing is overwritten.
 *
 * @throws UsageError for a personality that makes no sense, UnreachableError where it cannot be
 * written
 */
export function createDriveFile(
  path: string,
  kind:
    | { readonly personality: Personality }
    | { readonly preset: string; readonly overrides?: Readonly<Record<string, unknown>> },
  { seed = 1, past, disk = systemDisk }: NewDriveFile = {},
): void {
  const fail = failureOf(path, "make");
  guarded(fail, () => {
    if (disk.exists(path) || disk.exists(folderOf(path))) {
      throw new UsageError(`Cannot make virtual:${path}: there is one already`, {
        next: "name another file, or remove it together with the folder beside it",
      });
    }
    const text = valueText({
      schema: SCHEMA,
      ...kind as Readonly<Record<string, Value>>,
      format: STATE_FORMAT,
      seed,
      ...(past ? { savedAt: past.at, state: switchedOff(past) as unknown as Value } : {}),
    });
    const { personality } = contentOf(parseValue(text));
    made(() => new VirtualDrive({ personality, now: () => 0, seed }));
    disk.replaceText(path, text);
  });
}

/** An opened drive file: its drive, and what writes the drive's memory. */
export class DriveFile {
  readonly drive: VirtualDrive;
  readonly #path: string;
  readonly #disk: Disk;
  readonly #content: Content;
  readonly #storage: FileStorage;
  readonly #lock: Disposable;
  #power: "on" | "off" = "on";
  #written = "";
  #savedAt = 0;
  #closed = false;
  /** Why the drive's memory could not be written the last time. */
  #unsaved: UnreachableError | undefined;

  /**
   * Opens a drive file. A drive whose process was killed has lost its power: what it had not stored
   * is gone, and a power cycle and an unsafe shutdown are counted. For one that was closed see
   * `powersOn`. While no process has it, its clock goes on but it is not on: self-tests progress,
   * power-on hours do not.
   *
   * @throws UsageError for a file that is none, UnreachableError where it cannot be used
   */
  constructor(path: string, options: DriveFileOptions) {
    const { now, after, disk = systemDisk, failed, powersOn = false } = options;
    this.#path = path;
    this.#disk = disk;
    const fail = failureOf(path, "open");
    this.#lock = guarded(fail, () => lockOf(disk, path));
    try {
      // Read under the lock: another process may have written it until just now.
      this.#content = guarded(fail, () => contentOf(parseValue(disk.readText(path))));
      const { personality, seed, files } = this.#content;
      this.#storage = new FileStorage(disk, folderOf(path), files, () => this.save("anyway"));
      const { state } = this.#content;
      if (state) switchOn(state, this.#content, now());
      this.drive = guarded(fail, () =>
        made(() =>
          new VirtualDrive({
            personality,
            now,
            seed,
            device: `virtual:${path}`,
            storage: this.#storage,
            ...(state ? { state } : {}),
            ...(after ? { after } : {}),
          })
        ));
      if (state) this.drive.inUse = this.#content.power === "on";
      // A new drive has been switched on for the first time, which it counts already.
      if (state && (powersOn || this.drive.inUse)) this.drive.powercut();
      this.save();
    } catch (error) {
      this.#lock[Symbol.dispose]();
      throw error;
    }
    let toldAt: number | undefined;
    this.drive.keep = (changed) => {
      try {
        if (changed || now() - this.#savedAt >= INTERVAL_MS) {
          this.save();
          this.#unsaved = undefined;
        }
      } catch (error) {
        if (error instanceof UnreachableError) this.#unsaved = error;
        throw error;
      } finally {
        const { failure } = this;
        if (failure && toldAt === undefined) {
          toldAt = now();
          failed?.(failure);
        } else if (!failure && toldAt !== undefined && now() - toldAt >= INTERVAL_MS) {
          toldAt = undefined;
        }
      }
    };
  }

  /** Why the disk could not do what the drive needed of it, if that happened. */
  get failure(): UnreachableError | undefined {
    if (this.#unsaved) return this.#unsaved;
    const { failure } = this.#storage;
    if (failure === undefined) return undefined;
    const error = failureOf(this.#path, "use")(failure);
    return error instanceof UnreachableError ? error : undefined;
  }

  /**
   * Writes what the drive remembers, unless that is what the file says already. What faults at work
   * have made of it is left out: nobody could clear them once this process is gone. A state that
   * could not be read again does not get into the file, whatever made it so: what is there stays.
   *
   * @throws UnreachableError where it cannot be written
   */
  save(when: "changed" | "anyway" = "changed"): void {
    const { kind, seed, personality } = this.#content;
    const now = this.drive.now();
    const state = lastingState(this.drive.state, personality);
    const text = (savedAt: number): string =>
      valueText({
        schema: SCHEMA,
        ...kind,
        format: STATE_FORMAT,
        seed,
        power: this.#power,
        savedAt,
        files: this.#storage.numbers,
        state: state as unknown as Value,
      });
    this.#savedAt = now;
    const timeless = text(0);
    if (timeless === this.#written && when === "changed") return;
    guarded(failureOf(this.#path, "write"), () => {
      checkState(state, personality, { format: STATE_FORMAT, savedAt: now });
      this.#disk.replaceText(this.#path, text(now));
      this.#storage.sweep();
    });
    this.#written = timeless;
  }

  /**
   * Writes everything and lets the file go; the drive can be opened again from there. What waits in
   * its write cache and cannot be written is lost: to the next who opens it the power was cut.
   *
   * @throws UnreachableError where the disk does not take it
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    delete this.drive.keep;
    try {
      guarded(failureOf(this.#path, "write"), () => this.#switchOff());
    } finally {
      this.drive.store.close();
      this.#lock[Symbol.dispose]();
    }
  }

  #switchOff(): void {
    const { state } = this.drive;
    const now = this.drive.now();
    let failure: StorageFailure | undefined;
    try {
      this.drive.shutdown();
      Object.assign(state, switchedOff({ state, at: now }));
      this.#power = "off";
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error;
      failure = error;
    }
    this.save();
    if (failure) throw failure;
  }
}

/** What a drive remembers that is on no more: with all of its time on. */
function switchedOff(
  { state, at }: { readonly state: DriveState; readonly at: number },
): DriveState {
  const poweredBeforeMs = state.poweredBeforeMs + Math.max(0, at - state.poweredOnAt);
  return { ...state, poweredBeforeMs, poweredOnAt: at };
}

/** The drive's clock of power-on hours: what it was on until it was last seen, and on from now. */
function switchOn(state: DriveState, { power, savedAt }: Content, now: number): void {
  if (power === "on") state.poweredBeforeMs += Math.max(0, savedAt - state.poweredOnAt);
  state.poweredOnAt = now;
}

function folderOf(path: string): string {
  return `${path}.data`;
}

function lockOf(disk: Disk, path: string): Disposable {
  if (!disk.exists(path)) {
    throw new UsageError(`Cannot open virtual:${path}: there is no such file`, {
      next: `nvmectl drive new ${path} makes one`,
    });
  }
  const bytes = disk.fileBytes(path);
  if (bytes === undefined) {
    throw new UsageError(`Cannot open virtual:${path}: it is no regular file`, {
      next: "nvmectl drive new FILE.json makes a drive file",
    });
  }
  if (bytes > FILE_MAX) {
    throw new UsageError(
      `Cannot open virtual:${path}: it has ${bytes} bytes, a drive file has at most ${FILE_MAX}`,
    );
  }
  const folder = folderOf(path);
  disk.makeFolder(folder);
  const lock = disk.lock(`${folder}/lock`);
  if (lock) return lock;
  throw new UnreachableError(`Cannot open virtual:${path}: another process is using it`, {
    code: "EBUSY",
    next: "end that process, or wait for it; a served drive takes commands over NVMe/TCP",
  });
}

/** What a failure of the disk or of a file's content is to the operator. */
function failureOf(path: string, verb: string): (error: unknown) => unknown {
  return (error) => {
    if (error instanceof NvmectlError) return error;
    if (error instanceof StorageFailure) return failureOf(path, verb)(error.cause);
    const tried = `Cannot ${verb} virtual:${path}`;
    if (error instanceof ShapeError && verb === "write") {
      return new UnreachableError(`${tried}: it could not be read again: ${error.message}`, {
        cause: error,
        next: "the file is as it was before; this is a defect of nvmectl, please report it",
      });
    }
    if (error instanceof ShapeError) {
      const isOfVersion = error.field === "schema" || error.field === "format";
      return new UsageError(`${tried}: ${error.message}`, {
        next: isOfVersion ? "it may be of another version of nvmectl" : undefined,
      });
    }
    if (error instanceof SyntaxError) {
      return new UsageError(`${tried}: it is damaged: ${error.message}`);
    }
    if (!isDiskFailure(error)) return error;
    if (codeOf(error) === "EROFS") {
      return new UnreachableError(`${tried}: it is on a file system that is read-only`, {
        code: "EROFS",
        cause: error,
        next: `copy it with the folder ${folderOf(path)} to where you can write, and open the copy`,
      });
    }
    return new UnreachableError(`${tried}: ${error.message.replace(/^Cannot /, "cannot ")}`, {
      code: codeOf(error),
      cause: error,
    });
  };
}

/** What the disk, the C library or Deno throws when the disk does not do it. */
function isDiskFailure(error: unknown): error is Error {
  return error instanceof Error &&
    (error.name === "SysError" || /^E[A-Z0-9]+$/.test(codeOf(error) ?? "") ||
      Object.values(Deno.errors).some((kind) => error instanceof kind));
}

/** The operating system's name of an error: `ENOSPC`. */
function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function guarded<T>(fail: (error: unknown) => unknown, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fail(error);
  }
}
