// Reads of many gigabytes through the compiled program: its memory does not grow with them.

import { assert, assertEquals } from "@std/assert";
import { BINARY } from "../support/binary.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const BLOCK_BYTES = 512;
const SAMPLE_MS = 10;
const ATTEMPTS = 5;

/** How far a process has come, and how much memory it has. */
interface Sample {
  readonly written: number;
  readonly resident: number;
}

/** Undefined once it has ended. */
async function sample(pid: number): Promise<Sample | undefined> {
  try {
    const io = await Deno.readTextFile(`/proc/${pid}/io`);
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (resident === undefined) return undefined;
    return { written: Number(/^wchar: (\d+)$/m.exec(io)?.[1]), resident: Number(resident) * 1024 };
  } catch {
    return undefined;
  }
}

/** The least memory while it wrote from one position to another: what garbage adds is not in it. */
function least(samples: readonly Sample[], from: number, to: number): number {
  const within = samples.filter(({ written }) => written >= from && written < to);
  assert(within.length >= 3, `${within.length} samples of ${from} to ${to}`);
  return Math.min(...within.map(({ resident }) => resident));
}

/** What is read in a folder of its own, and what is done there again and again meanwhile. */
interface Reading {
  readonly words: readonly string[];
  readonly bytes: number;
  /** So many bytes are read until all has begun that takes memory. */
  readonly warm: number;
  readonly meanwhile?: (folder: string) => Promise<void>;
}

/**
 * Checks that a read has not kept even half a percent of what it read between its first `warm`
 * bytes and its last fifth. When the runtime makes room for more garbage is up to it, so that a
 * read may seem to grow once: one that keeps its data does so every time.
 */
async function staysFlat(reading: Reading): Promise<void> {
  const last = reading.bytes * 4 / 5;
  const grown: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const samples = await samplesOf(reading);
    const early = least(samples, reading.warm, 2 * reading.warm);
    // Not to the very end, where it gives its memory back.
    grown.push(least(samples, last, reading.bytes * 0.98) - early);
    if (Math.min(...grown) < (last - reading.warm) / 200) return;
  }
  const more = grown.map((bytes) => Math.round(bytes / MIB)).join(", ");
  const after = Math.round((last - reading.warm) / MIB);
  throw new Error(`Of ${after} MiB that were read, memory has grown by ${more} MiB`);
}

/** Reads to the end. */
async function samplesOf({ words, bytes, meanwhile }: Reading): Promise<readonly Sample[]> {
  const folder = await Deno.makeTempDir();
  const child = new Deno.Command(BINARY, {
    args: ["read", "virtual:", "--blocks", `${bytes / BLOCK_BYTES}`, ...words],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const samples: Sample[] = [];
  for (let found = await sample(child.pid); found; found = await sample(child.pid)) {
    samples.push(found);
    await meanwhile?.(folder);
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  const { code } = await child.status;
  await Deno.remove(folder, { recursive: true });
  assertEquals(code, 0, await stderr);
  return samples;
}

Deno.test("read --out of many gigabytes takes no more memory than of one", async () => {
  await staysFlat({ words: ["--out", "/dev/null"], bytes: 5 * GIB, warm: GIB });
});

Deno.test("read -o raw of many gigabytes takes no more memory than of one", async () => {
  await staysFlat({ words: ["-o", "raw"], bytes: 2.5 * GIB, warm: GIB / 2 });
});

Deno.test("read --skip-errors of many gigabytes takes no more memory than of one", async () => {
  await staysFlat({
    words: ["--skip-errors", "--out", "out.bin"],
    bytes: 2.5 * GIB,
    warm: GIB / 2,
    // Or it would fill the disk.
    meanwhile: (folder) => Deno.truncate(`${folder}/out.bin`, 0).catch(() => {}),
  });
});
