// What Identify Controller says about log pages, for controllers that have none or all of them.

import type { LogPageSupport } from "../../../src/spec/log/log_page.ts";

/** A controller that claims nothing. */
export const NOTHING: LogPageSupport = {
  lpa: 0,
  oacs: 0,
  oaes: 0,
  elpe: 0,
  cmic: 0,
  ctratt: 0,
  sanicap: 0,
  oncs: 0,
  cntrltype: 0,
};

/** A controller that claims everything, a discovery controller at that. */
export const EVERYTHING: LogPageSupport = {
  lpa: 0xff,
  oacs: { value: 0xffff },
  oaes: 0xffffffff,
  elpe: 63,
  cmic: 0xff,
  ctratt: { value: 0xffffffff },
  sanicap: 0xffffffff,
  oncs: { value: 0xffff },
  cntrltype: 2,
};
