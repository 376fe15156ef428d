// The completion script of fish 3 and later.

import { longerThan, type Offers, type OptionWords, topLevel, type VerbWords } from "./words.ts";

/** The script. */
export function fishScript(verbs: readonly VerbWords[]): string {
  const valued = verbs.flatMap(({ name, options }) =>
    options.filter(({ value }) => value && !value.attached)
      .flatMap(({ long, short }) => [long, ...(short ? [short] : [])])
      .map((word) => fishQuoted(`${name} ${word}`))
  );
  return [
    "# fish completion of nvmectl, written by: nvmectl completions fish",
    "",
    "# Options that take the next word.",
    `set -g __nvmectl_valued ${valued.join(" ")}`,
    "",
    MACHINERY,
    "complete -c nvmectl -f",
    ...topLevel(verbs).map(({ name, summary }) =>
      `complete -c nvmectl -n __nvmectl_no_verb -a ${name} -d ${fishQuoted(summary)}`
    ),
    ...verbs.flatMap((verb) => verbLines(verb, longerThan(verb.name, verbs).length > 0)),
    "",
  ].join("\n");
}

const MACHINERY = `function __nvmectl_no_verb
    test (count (commandline -opc)) -eq 1
end

# Whether the verb, of one word or more, is there.
function __nvmectl_verb
    set -l words (commandline -opc)
    set -l last (math 1 + (count $argv))
    test (count $words) -ge $last; and test "$words[2..$last]" = "$argv"
end

# Whether the verb's word of that number comes next.
function __nvmectl_at
    set -l place $argv[1]
    set -l verb $argv[2..-1]
    __nvmectl_verb $verb; or return 1
    set -l words (commandline -opc)
    set -e words[1..(math 1 + (count $verb))]
    set -l next 1
    set -l value 0
    for word in $words
        if test $value -eq 1
            set value 0
            continue
        end
        switch $word
            case '--*=*'
            case '-*'
                contains -- "$verb $word" $__nvmectl_valued; and set value 1
            case '*'
                set next (math $next + 1)
        end
    end
    test $value -eq 0; and test $next -eq $place
end

function __nvmectl_targets
    for device in /dev/nvme[0-9]* /dev/ng[0-9]*
        echo $device
    end
    printf '%s\\n' virtual: serial:
    __fish_complete_path (commandline -ct)
end
`;

function verbLines({ name, options, places }: VerbWords, continued: boolean): readonly string[] {
  // The options of what can be continued are not those of what continues it.
  const there = continued ? `__nvmectl_at 1 ${name}` : `__nvmectl_verb ${name}`;
  return [
    "",
    ...options.map((option) => optionLine(there, option)),
    ...places.flatMap(({ offers }, at) =>
      placeLines(fishQuoted(`__nvmectl_at ${at + 1} ${name}`), offers)
    ),
  ];
}

function placeLines(when: string, offers: Offers): readonly string[] {
  if (offers.kind === "verbs") {
    return offers.verbs.map(({ name, summary }) =>
      `complete -c nvmectl -n ${when} -a ${name} -d ${fishQuoted(summary)}`
    );
  }
  const offered = offerArguments(offers);
  return offered === "" ? [] : [`complete -c nvmectl -n ${when} ${offered}`];
}

function optionLine(there: string, { long, short, help, value }: OptionWords): string {
  return [
    `complete -c nvmectl -n ${fishQuoted(there)} -l ${long.slice(2)}`,
    ...(short ? [`-s ${short.slice(1)}`] : []),
    ...(value && !value.attached ? [value.offers.kind === "file" ? "-r" : "-x"] : []),
    ...(value ? [offerArguments(value.offers)] : []),
    `-d ${fishQuoted(help)}`,
  ].filter((part) => part !== "").join(" ");
}

function offerArguments(offers: Offers): string {
  switch (offers.kind) {
    case "words":
      return `-a ${fishQuoted(offers.words.join(" "))}`;
    case "verbs":
      return `-a ${fishQuoted(offers.verbs.map(({ name }) => name).join(" "))}`;
    case "file":
      return "-F";
    case "target":
      return "-a '(__nvmectl_targets)'";
    case "nothing":
      return "";
  }
}

/** A text inside single quotes as fish reads it: there a backslash escapes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
