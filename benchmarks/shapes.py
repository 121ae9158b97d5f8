"""Files made to be slow to check: for each shape, how the cost of `check` grows with the size of the file.

A check whose cost grows faster than the file lets somebody who may write a `cors.toml` stop the machine that checks it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

#: A file of about so many bytes.
Shape: TypeAlias = Callable[[int], str]

ONE_RULE = '[[rules]]\norigins = ["https://app.example.com"]\n'


def _rule(origins: list[str], more: str = "") -> str:
    return "[[rules]]\norigins = [" + ", ".join(f'"{each}"' for each in origins) + f"]\n{more}\n"


def _file(*parts: str) -> str:
    return "version = 1\n" + "".join(parts)


def exact_origins(size: int) -> str:
    """Nothing but origins: what every other shape is compared with."""
    return _file(_rule([f"https://app{number}.example.com" for number in range(size // 32)]))


def crossing_labels(size: int) -> str:
    """Prefixes in one rule, suffixes in another: each two of them overlap."""
    count = size // 64
    return _file(
        _rule([f"https://a{number}-*.example.com" for number in range(count)]),
        _rule([f"https://*-z{number}.example.com" for number in range(count)], 'methods = ["PUT"]'),
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


def nested_labels(size: int) -> str:
    """Each wildcard label inside all before it."""
    count = int((size * 2) ** 0.5)
    return _file(
        _rule([f"https://{'a' * min(number, 60)}*{number}.example.com" for number in range(size // 60 or count)])
    )


def unknown_groups(size: int) -> str:
    """Names of groups that are near those of others."""
    count = size // 40
    groups = "".join(f'group-{number:05} = ["https://a.example"]\n' for number in range(count // 2))
    return _file(
        f"[profiles.production.origins]\n{groups}",
        _rule([f"gruop-{number:05}" for number in range(count // 2)]),
    )


def tests_times_methods(size: int) -> str:
    """Each test is for every method, and each names one more."""
    count = size // 110
    return _file(
        ONE_RULE,
        "".join(
            f'[[tests]]\nname = "{number}"\norigin = "https://evil.test"\npath = "/"\ndeny = ["*", "M{number}"]\n'
            for number in range(count)
        ),
    )


def tests_times_profiles(size: int) -> str:
    """Each test runs in every profile."""
    count = size // 180
    return _file(
        "".join(
            f'[profiles.p{number}.origins]\nweb = ["https://app{number}.example.com"]\n' for number in range(count)
        ),
        '[[rules]]\norigins = ["web"]\n',
        "".join(
            f'[[tests]]\nname = "{number}"\norigin = "https://evil.test"\npath = "/"\ndeny = ["GET"]\n'
            for number in range(count)
        ),
    )


def profiles_times_rules(size: int) -> str:
    """Each rule holds in every profile."""
    count = size // 130
    return _file(
        "".join(
            f'[profiles.p{number}.origins]\nweb = ["https://app{number}.example.com"]\n' for number in range(count)
        ),
        "".join(f'[[rules]]\npaths = ["/p{number}"]\norigins = ["web"]\n' for number in range(count)),
    )


def inheritance(size: int) -> str:
    """Each profile inherits from the one before it."""
    count = size // 90
    return _file(
        '[profiles.p0.origins]\nweb = ["https://app.example.com"]\n',
        "".join(
            f'[profiles.p{number}]\ninherits = "p{number - 1}"\norigins.g{number} = []\n' for number in range(1, count)
        ),
        '[[rules]]\norigins = ["web"]\n',
    )


def groups_times_profiles(size: int) -> str:
    """Each profile inherits many groups from one."""
    count = size // 90
    return _file(
        "[profiles.base.origins]\n",
        "".join(f'g{number} = ["https://a{number}.example"]\n' for number in range(count)),
        "".join(f'[profiles.p{number}]\ninherits = "base"\n' for number in range(count)),
        _rule([f"g{number}" for number in range(count)]),
    )


def nested_ports(size: int) -> str:
    """Each range of ports inside all before it."""
    count = min(size // 40, 30000)
    return _file(_rule([f"https://a.example.com:{1 + number}-{65535 - number}" for number in range(count)]))


def crossing_ports(size: int) -> str:
    """Ranges of ports in two rules, each crossing many."""
    count = min(size // 80, 30000)
    return _file(
        _rule([f"https://a.example.com:{1 + number}-{30001 + number}" for number in range(count)]),
        _rule(
            [f"https://a.example.com:{20001 + number}-{50001 + number}" for number in range(count)],
            'methods = ["PUT"]',
        ),
    )


def hosts_times_patterns(size: int) -> str:
    """Hosts of the fallback whose origins no pattern of many allows."""
    count = size // 110
    hosts = "".join(f'"h{number}.example.net" = "https://h{number}.example.net"\n' for number in range(count))
    return _file(_rule([f"https://*.d{number}.example.com" for number in range(count)]), f"[fallback.hosts]\n{hosts}")


def rules_of_one_path(size: int) -> str:
    """Many rules at one path, each for an origin of its own and with methods of its own."""
    count = size // 80
    return _file(
        "".join(
            f'[[rules]]\norigins = ["https://*.d{number}.example"]\nmethods = ["M{number}"]\n'
            for number in range(count)
        )
    )


def narrowing_paths(size: int) -> str:
    """Each path below the one before it, and each takes something away."""
    parts, path = [], ""
    number = 0
    while sum(map(len, parts)) < size:
        path += "/a"
        parts.append(
            f'[[rules]]\npaths = ["{path}/*"]\norigins = ["https://app.example.com"]\nmethods = ["M{number}"]\n'
        )
        number += 1
    return _file(*parts)


SHAPES: tuple[Shape, ...] = (
    exact_origins,
    crossing_labels,
    crossing_labels_of_one_rule,
    nested_labels,
    unknown_groups,
    tests_times_methods,
    tests_times_profiles,
    profiles_times_rules,
    inheritance,
    groups_times_profiles,
    nested_ports,
    crossing_ports,
    hosts_times_patterns,
    rules_of_one_path,
    narrowing_paths,
)
