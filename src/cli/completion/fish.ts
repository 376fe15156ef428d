// The completion script of fish 3 and later.

import { type Offers, type OptionWords, type VerbWords } from "./words.ts";

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
    ...verbs.map(({ name, summary }) =>
      `complete -c nvmectl -n __nvmectl_no_verb -a ${name} -d ${fishQuoted(summary)}`
    ),
    ...verbs.flatMap(verbLines),
    "",
  ].join("\n");
}

const MACHINERY = `function __nvmectl_no_verb
    test (count (commandline -opc)) -eq 1
end

function __nvmectl_verb --argument-names verb
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $verb
end

# Whether the verb's word of that number comes next.
function __nvmectl_at --argument-names verb place
    __nvmectl_verb $verb; or return 1
    set -l words (commandline -opc)
    set -e words[1..2]
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

function verbLines({ name, options, places }: VerbWords): readonly string[] {
  return [
    "",
    ...options.map((option) => optionLine(name, option)),
    ...places.flatMap(({ offers }, at) => {
      const offered = offerArguments(offers);
      const when = fishQuoted(`__nvmectl_at ${name} ${at + 1}`);
      return offered === "" ? [] : [`complete -c nvmectl -n ${when} ${offered}`];
    }),
  ];
}

function optionLine(verb: string, { long, short, help, value }: OptionWords): string {
  return [
    `complete -c nvmectl -n ${fishQuoted(`__nvmectl_verb ${verb}`)} -l ${long.slice(2)}`,
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
