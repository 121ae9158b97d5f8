"""Files made to be slow to check, to load and to compare: for each shape, how the cost grows with the size.

A command whose cost grows faster than the file lets whoever may write a `cors.toml` stop the machine that reads it.
Each shape is a function from a number of bytes to a file of about so many, or to two for `diff`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from benchmarks import report
from benchmarks.measure import QUICK, Effort

#: A file of about so many bytes.
Shape: TypeAlias = Callable[[int], str]

#: Two files that are compared, of about so many bytes each.
Pair: TypeAlias = Callable[[int], tuple[str, str]]

#: What a run may take, in seconds of processor time.
LONGEST = 60

ONE_RULE = '[[rules]]\norigins = ["https://app.example.com"]\n'


def _strings(values: Iterable[object]) -> str:
    return "[" + ", ".join(f'"{each}"' for each in values) + "]"


def _rule(origins: Iterable[object], more: str = "") -> str:
    return f"[[rules]]\norigins = {_strings(origins)}\n{more}\n"


def _file(*parts: str) -> str:
    return "version = 1\n" + "".join(parts)


def exact_origins(size: int) -> str:
    """Nothing but origins: what every other shape is compared with."""
    return _file(_rule(f"https://app{number}.example.com" for number in range(size // 32)))


# --- patterns that overlap --------------------------------------------------------------------------------------------


def crossing_labels(size: int) -> str:
    """Prefixes in one rule, suffixes in another: each two of them overlap."""
    count = size // 64
    return _file(
        _rule(f"https://a{number}-*.example.com" for number in range(count)),
        _rule((f"https://*-z{number}.example.com" for number in range(count)), 'methods = ["PUT"]'),
    )


def crossing_labels_that_say_the_same(size: int) -> str:
    """The same with a third rule that says something else and meets neither."""
    count = size // 64
    return _file(
        _rule(f"https://a{number}-*.example.com" for number in range(count)),
        _rule(f"https://*-z{number}.example.com" for number in range(count)),
        _rule(["https://elsewhere.example"], 'methods = ["PUT"]'),
    )


def crossing_labels_of_one_rule(size: int) -> str:
    """The same in one rule, where they contradict nothing."""
    count = size // 64
    return _file(
        _rule(
            [f"https://a{number}-*.example.com" for number in range(count)]
            + [f"https://*-z{number}.example.com" for number in range(count)]
        )
    )


def labels_too_long_to_meet(size: int) -> str:
    """Prefixes and suffixes that would cross, were there room for both in one label."""
    count = size // 130
    return _file(
        _rule(f"https://{'a' * 30}{number:05}*.example.com" for number in range(count)),
        _rule((f"https://*{number:05}{'z' * 30}.example.com" for number in range(count)), 'methods = ["PUT"]'),
    )


def labels_that_agree_on_one_side(size: int) -> str:
    """Half of the labels agree with a label on its front, the other half on its back."""
    count = size // 100
    return _file(
        _rule(f"https://a{number}*b.example.com" for number in range(count)),
        _rule((f"https://c*d{number}.example.com" for number in range(count)), 'methods = ["PUT"]'),
        _rule((f"https://a*d{number}e.example.com" for number in range(count)), "max-age = 1"),
    )


def nested_labels(size: int) -> str:
    """Each wildcard label inside all before it that end like it."""
    return _file(_rule(f"https://{'a' * (number % 50)}*{number // 50}.example.com" for number in range(size // 60)))


def nested_labels_of_two_rules(size: int) -> str:
    """Ends of all lengths on both sides, by turns in either rule: each is inside many, which is no conflict."""
    ends = [("a" * (number % 30), "b" * (number // 30 % 30), number // 900) for number in range(size // 62)]
    hosts = [f"https://{front}*{back}.d{number}.example" for front, back, number in ends if front or back]
    return _file(_rule(hosts[::2]), _rule(hosts[1::2], 'methods = ["PUT"]'))


def deep_domains(size: int) -> str:
    """Each domain under all before it, as deep as a host can be."""
    parts = [_rule(f"https://**.{'a.' * depth}x{part}" for depth in range(110)) for part in range(size // 16_000 + 1)]
    return _file(*parts[::2], *(part + 'methods = ["PUT"]\n' for part in parts[1::2]))


def masks_of_labels(size: int) -> str:
    """One wildcard, and labels of all beginnings and all ends that leave little of it out."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
    count = size // 60
    pairs = [f"{one}{other}" for one in letters for other in letters]
    triples = [f"{pair}{letter}" for pair in pairs for letter in letters][: count // 2]
    return _file(
        _rule(
            ["https://*.a.example"]
            + [f"https://{each}*.a.example" for each in triples]
            + [f"https://*{each}.a.example" for each in triples]
        )
    )


def nested_ports(size: int) -> str:
    """Each range of ports inside all before it."""
    count = min(size // 40, 30_000)
    return _file(_rule(f"https://a.example.com:{1 + number}-{65535 - number}" for number in range(count)))


def nested_ports_of_two_rules(size: int) -> str:
    """The same by turns in either rule."""
    count = min(size // 40, 30_000)
    ranges = [f"https://a.example.com:{1 + number}-{65535 - number}" for number in range(count)]
    return _file(_rule(ranges[::2]), _rule(ranges[1::2], 'methods = ["PUT"]'))


def crossing_ports(size: int) -> str:
    """Ranges of ports in two rules, each crossing many."""
    count = min(size // 80, 30_000)
    return _file(
        _rule(f"https://a.example.com:{1 + number}-{30001 + number}" for number in range(count)),
        _rule(
            (f"https://a.example.com:{20001 + number}-{50001 + number}" for number in range(count)),
            'methods = ["PUT"]',
        ),
    )


def ports_of_every_host(size: int) -> str:
    """Ranges of ports of all subdomains, and many subdomains with a range each."""
    count = size // 90
    return _file(
        _rule(f"https://**.example.com:{1 + number}-{30001 + number}" for number in range(min(count, 30_000))),
        _rule((f"https://a{number}.example.com:20000-40000" for number in range(count)), 'methods = ["PUT"]'),
    )


# --- rules and paths --------------------------------------------------------------------------------------------------


def rules_of_one_path(size: int) -> str:
    """Many rules at one path, each for an origin of its own and with methods of its own."""
    return _file(*(_rule([f"https://*.d{number}.example"], f'methods = ["M{number}"]') for number in range(size // 75)))


def rules_for_one_origin(size: int) -> str:
    """Many rules at one path that name the same origin and say the same."""
    return _file(ONE_RULE * (size // len(ONE_RULE)))


def narrowing_paths(size: int) -> str:
    """Each path below the one before it, and each takes something away."""
    parts: list[str] = []
    path, length = "", 0
    while length < size:
        path += "/a"
        parts.append(_rule(["https://app.example.com"], f'paths = ["{path}/*"]\nmethods = ["M{len(parts)}"]'))
        length += len(parts[-1])
    return _file(*parts)


def narrower_paths_times_origins(size: int) -> str:
    """Many origins at a path, and many narrower ones that take nothing from any of them."""
    origins = [f"https://a{number}.example.com" for number in range(size // 70)]
    paths = [f"/p{number}/*" for number in range(size // 26)]
    return _file(
        _rule(origins, 'methods = ["PUT"]'),
        *(_rule(["https://**.example.com"], f'methods = ["PUT"]\npaths = ["{path}"]') for path in paths[: size // 170]),
    )


def paths_of_one_rule(size: int) -> str:
    """One rule at many paths, each of which another takes from."""
    paths = [f"/p{number}/*" for number in range(size // 15)]
    return _file(
        _rule(["https://a.example"], "credentials = true"), _rule(["https://b.example"], f"paths = {_strings(paths)}")
    )


def one_long_path(size: int) -> str:
    """A path of as many segments as there is room for, and a test of it."""
    path = "/a" * (size // 4)
    return _file(
        _rule(["https://app.example.com"], f'paths = ["{path}/*", "/*"]'),
        f'[[tests]]\nname = "t"\norigin = "https://app.example.com"\npath = "{path[:-1]}b"\nallow = ["GET"]\n',
    )


def methods_taken(size: int) -> str:
    """Many methods at a path, of which a narrower one keeps none."""
    count = size // 20
    return _file(
        _rule(["https://app.example.com"], f"methods = {_strings(f'A{number}' for number in range(count))}"),
        _rule(
            ["https://app.example.com"],
            f'paths = ["/api/*"]\nmethods = {_strings(f"B{number}" for number in range(count))}',
        ),
    )


# --- groups and profiles ----------------------------------------------------------------------------------------------


def unknown_groups(size: int) -> str:
    """Names of groups that are near those of others."""
    count = size // 50
    groups = "".join(f'group-{number:05} = ["https://a.example"]\n' for number in range(count))
    return _file(f"[profiles.production.origins]\n{groups}", _rule(f"gruop-{number:05}" for number in range(count)))


def unreadable_profiles(size: int) -> str:
    """Groups that cannot be read, and the names of many others that may be meant."""
    groups = "".join(f"g{number} = 1\n" for number in range(900))
    return _file(f"[profiles.production.origins]\n{groups}", _rule(f"h{number}" for number in range(size // 10)))


def inheritance(size: int) -> str:
    """Each profile inherits from the one before it."""
    return _file(
        '[profiles.p0.origins]\nweb = ["https://app.example.com"]\n',
        "".join(
            f'[profiles.p{number}]\ninherits = "p{number - 1}"\norigins.g{number} = []\n'
            for number in range(1, size // 60)
        ),
        '[[rules]]\norigins = ["web"]\n',
    )


def inheritance_of_used_groups(size: int) -> str:
    """The same where rules use what each adds."""
    count = size // 70
    return _file(
        "[profiles.p0]\n",
        "".join(
            f'[profiles.p{number}]\ninherits = "p{number - 1}"\norigins.g{number} = []\n' for number in range(1, count)
        ),
        _rule(f"g{number}" for number in range(1, count)),
    )


def circle_of_profiles(size: int) -> str:
    """The last profile is the parent of the first."""
    count = size // 60
    return _file(
        "".join(
            f'[profiles.p{number}]\ninherits = "p{(number or count) - 1}"\norigins.g{number} = []\n'
            for number in range(count)
        ),
        _rule(f"g{number}" for number in range(count)),
    )


def groups_times_profiles(size: int) -> str:
    """Each profile inherits many groups from one."""
    count = size // 78
    return _file(
        "[profiles.base.origins]\n",
        "".join(f'g{number} = ["https://a{number}.example"]\n' for number in range(count)),
        "".join(f'[profiles.p{number}]\ninherits = "base"\n' for number in range(count)),
        _rule(f"g{number}" for number in range(count)),
    )


def profiles_times_rules(size: int) -> str:
    """Each rule holds in every profile."""
    count = size // 110
    return _file(
        "".join(
            f'[profiles.p{number}.origins]\nweb = ["https://app{number}.example.com"]\n' for number in range(count)
        ),
        "".join(f'[[rules]]\npaths = ["/p{number}"]\norigins = ["web"]\n' for number in range(count)),
    )


def rules_times_origins(size: int) -> str:
    """Each rule, at a path of its own, names one large group."""
    group = _strings(f"https://a{number}.example.com" for number in range(size // 60))
    return _file(
        f"[profiles.production.origins]\nweb = {group}\n",
        "".join(f'[[rules]]\npaths = ["/p{number}"]\norigins = ["web"]\n' for number in range(size // 100)),
    )


def rules_times_insecure_origins(size: int) -> str:
    """The same with origins of which each is a finding for each rule."""
    group = _strings(f"http://a{number}.example.com" for number in range(size // 60))
    return _file(
        f"[profiles.production.origins]\nweb = {group}\n",
        "".join(f'[[rules]]\npaths = ["/p{number}"]\norigins = ["web"]\n' for number in range(size // 100)),
    )


def rules_times_redundant_origins(size: int) -> str:
    """The same with origins that a wildcard beside them covers."""
    group = _strings(["https://**.example.com", *(f"https://a{number}.example.com" for number in range(size // 60))])
    return _file(
        f"[profiles.production.origins]\nweb = {group}\n",
        "".join(f'[[rules]]\npaths = ["/p{number}"]\norigins = ["web"]\n' for number in range(size // 100)),
    )


def hosts_times_patterns(size: int) -> str:
    """Hosts of the fallback whose origins no pattern of many allows."""
    count = size // 85
    hosts = "".join(f'"h{number}.example.net" = "https://h{number}.example.net"\n' for number in range(count))
    return _file(_rule(f"https://*.d{number}.example.com" for number in range(count)), f"[fallback.hosts]\n{hosts}")


# --- tests ------------------------------------------------------------------------------------------------------------


def _test(name: object, more: str) -> str:
    return f'[[tests]]\nname = "{name}"\norigin = "https://evil.test"\npath = "/"\n{more}\n'


def tests_times_methods(size: int) -> str:
    """Each test is for every method, and each names one more."""
    return _file(ONE_RULE, *(_test(number, f'deny = ["*", "M{number}"]') for number in range(size // 90)))


def tests_that_fail(size: int) -> str:
    """The same, and each fails with every method."""
    return _file(ONE_RULE, *(_test(number, f'allow = ["*", "M{number}"]') for number in range(size // 90)))


def tests_times_profiles(size: int) -> str:
    """Each test runs in every profile."""
    count = size // 150
    return _file(
        "".join(
            f'[profiles.p{number}.origins]\nweb = ["https://app{number}.example.com"]\n' for number in range(count)
        ),
        '[[rules]]\norigins = ["web"]\n',
        *(_test(number, 'deny = ["GET"]') for number in range(count)),
    )


def tests_times_patterns(size: int) -> str:
    """Each test is of an origin that none of many patterns over one domain allows."""
    patterns = [f"https://p{number}-*.example.com" for number in range(size // 80)]
    return _file(
        _rule(patterns),
        *(
            _test(number, 'deny = ["*"]').replace("evil.test", f"e{number}.example.com")
            for number in range(size // 200)
        ),
    )


def methods_times_headers(size: int) -> str:
    """One test of many methods with many headers."""
    count = size // 24
    rule = f"methods = {_strings(f'M{number}' for number in range(count))}"
    return _file(
        _rule(["https://evil.test"], rule),
        _test("t", f"deny = {_strings(f'M{number}' for number in range(count))}\n"
              f"headers = {_strings(f'h{number}' for number in range(count))}"),
    )  # fmt: skip


def tests_of_unknown_profiles(size: int) -> str:
    """Each names a profile that there is not, and the message says which there are."""
    count = size // 150
    return _file(
        "".join(f"[profiles.profile-{number}.origins]\nweb = []\n" for number in range(count)),
        '[[rules]]\norigins = ["web"]\n',
        *(_test(number, 'deny = ["GET"]\nprofiles = ["nowhere"]') for number in range(count)),
    )


# --- mistakes ---------------------------------------------------------------------------------------------------------


def malformed_origins(size: int) -> str:
    """As many mistakes as there is room for, in one line."""
    return _file(_rule("!" for _ in range(size // 5)))


def malformed_origins_of_several_lines(size: int) -> str:
    r"""The same in lines that end in \r\n."""
    return _file(_rule("!" for _ in range(size // 7)).replace(", ", ",\r\n"))


def wrong_types(size: int) -> str:
    """As many numbers where origins are meant."""
    return _file(f"[[rules]]\norigins = [{'1,' * (size // 2)}]\n")


def unknown_keys(size: int) -> str:
    """As many keys as there is room for, none of them known but each near one that is."""
    return "version = 1\n" + "".join(f"rulez{number} = 1\n" for number in range(size // 16)) + ONE_RULE


def empty_rules(size: int) -> str:
    """As many rules as there is room for, each without origins."""
    return "version = 1\n" + "[[rules]]\n" * (size // 10)


def unknown_codes(size: int) -> str:
    """As many waivers of findings that there are not."""
    codes = _strings(f"CR2{number}" for number in range(size // 12))
    return _file(_rule(["https://a.example"], f'waive = {codes}\nreason = "x"'))


def insecure_origins_of_waiving_rules(size: int) -> str:
    """Each rule accepts a finding of each origin in a group."""
    group = _strings(f"http://a{number}.example.com" for number in range(size // 60))
    rules = (
        _rule(["web"], f'paths = ["/p{number}"]\nwaive = ["CR208"]\nreason = "x"') for number in range(size // 160)
    )
    return _file(f"[profiles.production.origins]\nweb = {group}\n", *rules)


def top_level_domains(size: int) -> str:
    """Wildcards, each under a top-level domain of its own."""
    return _file(_rule(f"https://*.a.t{number}" for number in range(size // 22)))


def nested_arrays(size: int) -> str:
    """Arrays in arrays, as deep as TOML's reader goes."""
    return _file(*(f"k{number} = {'[' * 390}{']' * 390}\n" for number in range(size // 790)), ONE_RULE)


def dotted_keys(size: int) -> str:
    """Keys of as many parts as TOML's reader takes."""
    return _file(*(f"k{number}{'.a' * 990} = 1\n" for number in range(size // 1990)), ONE_RULE)


def long_header(size: int) -> str:
    """Keys in a table whose name has many parts."""
    return f"version = 1\n[t{'.a' * 990}]\n" + "".join(f"k{number} = 1\n" for number in range(size // 11))


def a_number_without_end(size: int) -> str:
    """A number with more digits than any is read with, behind much else."""
    return _file(*(f"k{number} = 1\n" for number in range(size // 11)), f"x = {'1' * 5000}\n")


def one_long_text(size: int) -> str:
    """An origin of the length of the file."""
    return _file(_rule(["https://" + "a" * size]))


def one_text_of_many_origins(size: int) -> str:
    """Many origins in one text."""
    return _file(_rule([", ".join(f"https://a{number}.example.com" for number in range(size // 26))]))


SHAPES: tuple[Shape, ...] = (
    exact_origins,
    crossing_labels,
    crossing_labels_that_say_the_same,
    crossing_labels_of_one_rule,
    labels_too_long_to_meet,
    labels_that_agree_on_one_side,
    nested_labels,
    nested_labels_of_two_rules,
    deep_domains,
    masks_of_labels,
    nested_ports,
    nested_ports_of_two_rules,
    crossing_ports,
    ports_of_every_host,
    rules_of_one_path,
    rules_for_one_origin,
    narrowing_paths,
    narrower_paths_times_origins,
    paths_of_one_rule,
    one_long_path,
    methods_taken,
    unknown_groups,
    unreadable_profiles,
    inheritance,
    inheritance_of_used_groups,
    circle_of_profiles,
    groups_times_profiles,
    profiles_times_rules,
    rules_times_origins,
    rules_times_insecure_origins,
    rules_times_redundant_origins,
    hosts_times_patterns,
    tests_times_methods,
    tests_that_fail,
    tests_times_profiles,
    tests_times_patterns,
    methods_times_headers,
    tests_of_unknown_profiles,
    malformed_origins,
    malformed_origins_of_several_lines,
    wrong_types,
    unknown_keys,
    empty_rules,
    unknown_codes,
    insecure_origins_of_waiving_rules,
    top_level_domains,
    nested_arrays,
    dotted_keys,
    long_header,
    a_number_without_end,
    one_long_text,
    one_text_of_many_origins,
)


# --- two files --------------------------------------------------------------------------------------------------------


def other_origins(size: int) -> tuple[str, str]:
    """Nothing but origins, all of them others: what every other pair is compared with."""
    old = exact_origins(size)
    return old, old.replace("https://app", "https://new")


def crossing_sides(size: int) -> tuple[str, str]:
    """Prefixes on one side, suffixes on the other: each two of them have something in common."""
    count = size // 32
    return (
        _file(_rule(f"https://a{number}-*.example.com" for number in range(count))),
        _file(_rule((f"https://*-z{number}.example.com" for number in range(count)), 'methods = ["PUT"]')),
    )


def one_label_more(size: int) -> tuple[str, str]:
    """Prefixes and suffixes that cross on either side, and one that is new."""
    old = crossing_labels_of_one_rule(size)
    return old, old.replace("origins = [", 'origins = ["https://*-new.example.com", ')


def nested_ranges(size: int) -> tuple[str, str]:
    """Ranges of ports inside each other, those of one side between those of the other."""
    count = min(size // 40, 30_000)
    shifted = _rule(f"https://a.example.com:{2 + number}-{65535 - number}" for number in range(count))
    return nested_ports(size), _file(shifted)


def paths_times_origins(size: int) -> tuple[str, str]:
    """Many origins at every path, and as many narrower paths that are new and for other origins."""
    origins = [f"https://a{number}.example.com" for number in range(size // 60)]
    rules = [_rule([f"https://b{number}.example.com"], f'paths = ["/p{number}/*"]') for number in range(size // 140)]
    return _file(_rule(origins)), _file(_rule(origins), *rules)


def renamed_paths(size: int) -> tuple[str, str]:
    """One rule at many paths, all of which are others."""
    paths = [f"/p{number}/*" for number in range(size // 30)]
    origins = [f"https://a{number}.example.com" for number in range(size // 60)]
    old = _file(_rule(origins, f"paths = {_strings(paths)}"))
    return old, old.replace('"/p', '"/q')


def holes_in_one_pattern(size: int) -> tuple[str, str]:
    """All of a domain in place of nobody, without many that are given something else."""
    holes = [f"https://a{number}.example.com" for number in range(size // 32)]
    return _file(_rule(holes)), _file(_rule(["https://**.example.com"]), _rule(holes[::2], 'methods = ["PUT"]'))


def other_methods(size: int) -> tuple[str, str]:
    """Many methods, all of them others."""
    old = _file(
        _rule(["https://app.example.com"], f"methods = {_strings(f'A{number}' for number in range(size // 10))}")
    )
    return old, old.replace('"A', '"B')


PAIRS: tuple[Pair, ...] = (
    other_origins,
    crossing_sides,
    one_label_more,
    nested_ranges,
    paths_times_origins,
    renamed_paths,
    holes_in_one_pattern,
    other_methods,
)


# --- measured ---------------------------------------------------------------------------------------------------------

LOAD = """
import sys, corsrules
try:
    corsrules.load(sys.argv[1], profile=sys.argv[2])
except corsrules.ConfigError as error:
    str(error)
"""


class Cost(NamedTuple):
    """What a run took: seconds of processor time, and megabytes at its peak. None: longer than it may."""

    seconds: float | None
    megabytes: int


def cost(arguments: Sequence[str]) -> Cost:
    """What Python takes with these arguments, in a process of its own."""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_CPU, ({LONGEST}, {LONGEST}))"
    runs = f"{limited}; import os, sys; os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-c", runs, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    killed = process.returncode < 0
    return Cost(None if killed else used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def costs(size: int, names: Sequence[str] = ()) -> Iterator[tuple[str, str, Cost]]:
    """The commands and shapes, with what the command takes for a file of this size (or for two)."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = os.path.join(folder, "old.toml"), os.path.join(folder, "new.toml")
        for shape in SHAPES:
            if not names or shape.__name__ in names:
                _write(old, shape(size))
                yield "check", shape.__name__, cost(["-m", "corsrules", "check", old])
                yield "load", shape.__name__, cost(["-c", LOAD, old, _first_profile(old)])
        for pair in PAIRS:
            if not names or pair.__name__ in names:
                for path, text in zip((old, new), pair(size), strict=True):
                    _write(path, text)
                yield "diff", pair.__name__, cost(["-m", "corsrules", "diff", old, new])


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def _first_profile(path: str) -> str:
    """The name of the first profile that the file opens a table for, if any."""
    with open(path, encoding="utf-8") as file:
        names = (line.removeprefix("[profiles.").partition("]")[0] for line in file if line.startswith("[profiles."))
        return next(names, "").partition(".")[0]


def measured(effort: Effort, sizes: Sequence[int]) -> dict[str, Any]:
    """By command, shape and size: the processor time beside that of the first shape, and the megabytes."""
    names = ("exact_origins", "crossing_labels", "other_origins", "crossing_sides") if effort is QUICK else ()
    figures: dict[str, dict[str, dict[str, Any]]] = {"check": {}, "load": {}, "diff": {}}
    for size in sizes:
        floors: dict[str, Cost] = {}
        for command, name, found in costs(size, names):
            floor = floors.setdefault(command, found)  # the first shape is the plain one
            figures[command].setdefault(name, {})[str(size)] = {
                "ratio": None if found.seconds is None or not floor.seconds else found.seconds / floor.seconds,
                "seconds": found.seconds,
                "megabytes": found.megabytes,
            }
    return figures


def rendered(figures: dict[str, Any]) -> str:
    """The tables of this module as Markdown."""
    parts = []
    for command, shapes in figures.items():
        sizes = list(next(iter(shapes.values())))
        first = next(iter(shapes))
        head = [f"`{command}`", *(f"{int(size) // 1000:,} kB" for size in sizes)]
        head += [f"grown from {int(one) // 1000:,} kB" for one in sizes[:-1]]
        head += [f"MB at {int(sizes[-1]) // 1000:,} kB"]
        parts.append(
            f"Processor time of `corsrules {command}` (`load`: of Python's call), `{first}` of that size = 1:\n"
        )
        parts.append(report.table(head, [_row(name, by_size) for name, by_size in shapes.items()]))
    return "\n".join(parts)


def _row(name: str, by_size: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    figures = list(by_size.values())
    growth = [
        None if one["seconds"] is None or other["seconds"] is None else other["seconds"] / one["seconds"]
        for one, other in pairwise(figures)
    ]
    ratios = [f"> {LONGEST} s" if each["ratio"] is None else report.figure(each["ratio"]) for each in figures]
    return [name.replace("_", " "), *ratios, *map(report.figure, growth), f"{figures[-1]['megabytes']:.0f}"]


if __name__ == "__main__":
    for command, name, found in costs(int(sys.argv[1]), sys.argv[2:]):
        seconds = f"> {LONGEST}" if found.seconds is None else f"{found.seconds:.2f}"
        sys.stdout.write(f"{command:6} {name:36} {seconds:>8} s {found.megabytes:5} MB\n")
        sys.stdout.flush()
