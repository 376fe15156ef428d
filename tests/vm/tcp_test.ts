// A virtual drive that this process serves, and the kernel's nvme-tcp driver connects to.

import "./suites/tcp_target.ts";
import "./suites/hanging.ts";
