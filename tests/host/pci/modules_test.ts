// Kernel modules: which are there, and what to load.

import { assertEquals } from "@std/assert";
import {
  areModulesDisabled,
  filesToLoad,
  isCompressed,
  moduleFacts,
} from "../../../src/host/pci/modules.ts";
import { memoryView, type Tree } from "../memory_view.ts";
import { MODULES } from "./fake_machine.ts";

const FOLDER = "/lib/modules/6.1.0-test";

function loaded(...names: readonly string[]): Tree {
  return Object.fromEntries(names.map((name) => [`/sys/module/${name}/refcnt`, "0\n"]));
}

Deno.test("moduleFacts() tells loaded, built in, loadable and missing apart", () => {
  const view = memoryView(MODULES, loaded("vfio"));
  assertEquals(moduleFacts(view, "vfio").state, "loaded");
  assertEquals(moduleFacts(view, "foo").state, "built in");
  assertEquals(moduleFacts(view, "vfio_pci"), {
    name: "vfio_pci",
    state: "loadable",
    path: `${FOLDER}/kernel/vfio/pci/vfio-pci.ko.xz`,
  });
  assertEquals(moduleFacts(view, "zfs").state, "missing");
  assertEquals(moduleFacts(memoryView({}), "vfio").state, "missing");
});

Deno.test("moduleFacts() knows what is built in by its driver where no list tells", () => {
  const view = memoryView({ "/sys/bus/pci/drivers/vfio-pci/bind": "" });
  assertEquals(moduleFacts(view, "vfio_pci").state, "built in");
  assertEquals(moduleFacts(view, "vfio").state, "built in");
  assertEquals(moduleFacts(view, "vfio_iommu_type1").state, "missing");
});

Deno.test("filesToLoad() names needs first, each once, without what is loaded", () => {
  const names = (...trees: readonly Tree[]): readonly string[] =>
    filesToLoad(memoryView(MODULES, ...trees), "vfio_pci").map(({ name }) => name);
  assertEquals(names(), ["irqbypass", "vfio", "vfio_pci_core", "vfio_pci"]);
  assertEquals(names(loaded("vfio", "irqbypass")), ["vfio_pci_core", "vfio_pci"]);
  assertEquals(names(loaded("vfio_pci")), []);
  assertEquals(filesToLoad(memoryView(MODULES), "foo"), []);
  assertEquals(filesToLoad(memoryView(MODULES), "zfs"), []);
});

Deno.test("modules are found below /usr, where there is no /lib", () => {
  const view = memoryView({
    "/proc/sys/kernel/osrelease": "6.1.0-test\n",
    "/usr/lib/modules/6.1.0-test/modules.dep": "kernel/vfio/vfio.ko.zst:\n",
  });
  const [file] = filesToLoad(view, "vfio");
  assertEquals(file?.path, "/usr/lib/modules/6.1.0-test/kernel/vfio/vfio.ko.zst");
  assertEquals([isCompressed(file?.path ?? ""), isCompressed("a/vfio.ko")], [true, false]);
});

Deno.test("areModulesDisabled() reads the kernel's one-way switch", () => {
  const at = (text: string) => memoryView({ "/proc/sys/kernel/modules_disabled": text });
  assertEquals([areModulesDisabled(at("1\n")), areModulesDisabled(at("0\n"))], [true, false]);
});
