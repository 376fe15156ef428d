// Keeps a guest's temporary files in a folder that goes when the guest, or its process, has gone.

const PREFIX = "nvmectl-vm-";

/** A new folder for one guest. Folders that dead processes left behind are removed first. */
export async function makeScratchFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: `${PREFIX}${Deno.pid}-` });
  await sweep(folder.slice(0, folder.lastIndexOf("/")));
  return folder;
}

/** The process that made the folder of this name, or undefined when it is none of ours. */
export function ownerOf(name: string): number | undefined {
  const owner = name.match(/^nvmectl-vm-(\d+)-/)?.[1];
  return owner === undefined ? undefined : Number(owner);
}

async function sweep(parent: string): Promise<void> {
  for await (const { name } of Deno.readDir(parent)) {
    const owner = ownerOf(name);
    if (owner === undefined || await isAlive(owner)) continue;
    // Another user's folder stays; so does one that someone else is removing now.
    await Deno.remove(`${parent}/${name}`, { recursive: true }).catch(() => {});
  }
}

async function isAlive(pid: number): Promise<boolean> {
  return await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}
