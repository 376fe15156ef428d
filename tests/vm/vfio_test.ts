// Everything that shares one guest with an IOMMU: drives taken from the kernel, driven by our own
// driver, and given back. The trace of all that comes last.

import "./suites/vfio/bind.ts";
import "./suites/vfio/refusals.ts";
import "./suites/vfio/verbs.ts";
import "./suites/vfio/reads.ts";
import "./suites/vfio/rescue.ts";
import "./suites/vfio/processes.ts";
import "./suites/vfio/writes.ts";
import "./suites/vfio/trace.ts";
