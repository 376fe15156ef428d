// Faults that grow: what nvme-cli and hwmon read while the drive wears out or heats up.

import { showing } from "./showing.ts";

/** One value of `nvme smart-log`, as digits. */
const SMART = (name: string): string => `nvme smart-log $CTRL -o json | jq -r .${name}`;
/** Over at once. */
const QUICK = "steps=4,every=50ms";

showing("spare-drain: the spare falls below its threshold, with a critical warning", {
  inject: `spare-drain:${QUICK},percent=3`,
  before: `[ "$(${SMART("critical_warning")})" = 0 ]`,
  run: `sleep 1; ${SMART("avail_spare")}; ${SMART("critical_warning")}`,
  writes: "3\n1",
  after: SMART("critical_warning"),
  afterwards: "0",
});

showing("wear-out: the percentage used climbs beyond 100", {
  inject: `wear-out:${QUICK},percent=110`,
  run: `sleep 1; ${SMART("percent_used")}`,
  writes: /^11\d\n$/,
});

showing("thermal-ramp: hwmon has the temperature, and a critical warning is there", {
  inject: `thermal-ramp:${QUICK},kelvins=50`,
  run: `sleep 2; cat /sys/class/nvme/$\{CTRL#/dev/}/hwmon*/temp1_input; ${
    SMART("critical_warning")
  }`,
  writes: /^[89]\d{4}\n2\n$/,
  after: SMART("critical_warning"),
  afterwards: "0",
});

showing("read-only-media: writes are refused as those to a read-only range, reads are not", {
  inject: "read-only-media",
  before: "fill good | put 0",
  run: `fill new | try put 0; first 0 4; ${SMART("critical_warning")}`,
  writes: "bad\ngood\n8",
  log: [/critical medium error, dev nvme\d+n1, sector 0 op 0x1:\(WRITE\)/, /sct 0x1 \/ sc 0x82\)/],
});

showing("degraded: media errors climb, with a critical warning", {
  inject: `degraded:${QUICK},errors=100`,
  before: `${SMART("media_errors")} > /run/errors`,
  run: `sleep 1; echo $(($(${SMART("media_errors")}) - $(cat /run/errors))); ` +
    SMART("critical_warning"),
  writes: "100\n4",
});
