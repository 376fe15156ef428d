// What can stand where on the command line, as the three shells' scripts need it.

import type { Command, Positional } from "../command.ts";
import { type Flag, flagName } from "../flags.ts";
import { allFlags } from "../parse.ts";

/** What a shell can offer at a place. */
export type Offers =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "target" }
  | { readonly kind: "nothing" };

/** An option as it is typed. */
export interface OptionWords {
  /** `--block-size`. */
  readonly long: string;
  /** `-o`. */
  readonly short?: string;
  readonly help: string;
  /** Its value; absent for one that takes none. */
  readonly value?: OptionValue;
}

/** The value of an option. */
export interface OptionValue {
  readonly name: string;
  readonly offers: Offers;
  /** Whether it may only follow `=`, because the option can stand alone. */
  readonly attached: boolean;
}

/** A word that a verb takes. */
export interface Place {
  readonly name: string;
  readonly offers: Offers;
}

/** A verb, its options, its words in order. */
export interface VerbWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly places: readonly Place[];
}

const NOTHING: Offers = { kind: "nothing" };

/** What a command's declaration says of its words. */
export function verbOf(command: Command): VerbWords {
  const { name, summary, positionals = [], target } = command;
  const options = Object.entries(allFlags(command)).map(([key, flag]) =>
    optionOf(key, key === "output" ? { ...flag, choices: command.formats } : flag)
  );
  const places = positionals.map(placeOf);
  return {
    name,
    summary,
    options,
    places: target === "drive"
      ? [...places, { name: "TARGET", offers: { kind: "target" } }]
      : places,
  };
}

function placeOf({ name, choices }: Positional): Place {
  return { name, offers: choices ? { kind: "words", words: choices } : NOTHING };
}

function optionOf(key: string, flag: Flag<unknown>): OptionWords {
  const { help, value, choices, short, bare } = flag;
  return {
    long: `--${flagName(key)}`,
    ...(short === undefined ? {} : { short: `-${short}` }),
    help,
    ...(value === undefined ? {} : {
      value: { name: value, offers: offersOf(value, choices), attached: bare !== undefined },
    }),
  };
}

function offersOf(placeholder: string, choices: readonly string[] | undefined): Offers {
  if (choices) return { kind: "words", words: choices };
  return placeholder.includes("FILE") ? { kind: "file" } : NOTHING;
}

/** A text inside single quotes, as bash and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
