# SPDX-License-Identifier: GPL-2.0-only
"""What was aimed at, and what came of it."""
import tally

OURS, BAR0, WINDOW = "cxflashctl", "mstflint-bar0", "mstflint-window"


def burn_ms(run, verify=False):
    """
    What of our burn is compared with a peer's: not what is read before the first change, for safety; with @verify the
    second reading of the whole slot too, which no peer does. A burn that changes nothing is compared whole.
    """
    passes = run["passes"]
    if "program" not in passes:
        return run["modelled_ms"]
    return sum(passes[p]["modelled_ms"] for p in tally.BURN + ("verify",) * verify if p in passes)


def of_burn(runs, item, peer=BAR0):
    ours, base = runs[item][OURS], runs[item][peer]["modelled_ms"]
    return burn_ms(ours) / base, burn_ms(ours, verify=True) / base


def of_accesses(runs, item):
    return (runs[item][OURS]["accesses"] / runs[item][BAR0]["accesses"],)


def program_and_read_back(runs):
    passes = runs["first-592"][OURS]["passes"]
    moved = passes["program"]["accesses"] + passes["read-back"]["accesses"]
    return (moved / runs["first-592"][BAR0]["accesses"],)


def against_window(runs):
    return (runs["read"][OURS]["accesses"] / runs["read"][WINDOW]["config_cycles"],)


def against_floor(runs, item):
    ours = runs[item][OURS]
    return burn_ms(ours) / ours["floor"]["total_ms"], burn_ms(ours, verify=True) / ours["floor"]["total_ms"]


def changes(runs, item):
    run = runs[item][OURS]
    return (sum(run["erases"].values()) + (run["pages"] if item == "same" else 0),)


def lateness(runs):
    return (runs["upgrade"][OURS]["late"]["erase"],)


FIRST = {"m25p32": 0.37, "w25q32": 0.75}


def of_model(name, model):
    """(goal, limit, values) for one card model; a value that cannot be had is left out."""
    runs, part = model["runs"], model["part"]
    goals = [
        ("read 4 MiB: accesses to mstflint's", 0.79, lambda: of_accesses(runs, "read")),
        ("read 4 MiB: accesses to mstflint's config cycles", 0.40, lambda: against_window(runs)),
        ("program and one read-back: accesses to those of mstflint's burn", 0.95, lambda: program_and_read_back(runs)),
        ("first burn of 592 kB: modelled time to mstflint's", FIRST[part], lambda: of_burn(runs, "first-592")),
        ("first burn of 800 kB: modelled time to mstflint's", FIRST[part], lambda: of_burn(runs, "first-800")),
        ("first burn of 592 kB: modelled time to the floor, without verify", 1.10,
         lambda: against_floor(runs, "first-592")[:1]),
        ("first burn of 800 kB: modelled time to the floor, without verify", 1.10,
         lambda: against_floor(runs, "first-800")[:1]),
        ("upgrade over an old slot: modelled time to mstflint's", 1.06, lambda: of_burn(runs, "upgrade")),
        ("upgrade over an old slot: modelled time to the floor", 1.10, lambda: against_floor(runs, "upgrade")),
        ("the same again: erases and programs", 0, lambda: changes(runs, "same")),
        ("the same again: modelled time to mstflint's", 0.15, lambda: of_burn(runs, "same")[:1]),
        ("one ini key: erases", 3, lambda: changes(runs, "key")),
        ("one ini key: modelled time to mstflint's", 0.30, lambda: of_burn(runs, "key")),
        ("query --quick: accesses to mstflint's query", 0.60, lambda: of_accesses(runs, "query")),
        ("an erase is seen to end late by", 0.03, lambda: lateness(runs)),
    ]
    for goal, limit, value in goals:
        try:
            yield f"{name}, {part}: {goal}", limit, value()
        except KeyError:
            pass


def of_all(results):
    for name, model in results["models"].items():
        yield from of_model(name, model)
    cards, build = results["cards_at_once"].get("4"), results["assembly"]
    if cards:
        yield "4 cards at once: busy time to that of one", 1.2, (cards["busy_union_ms"] / cards["busy_of_one_ms"],)
    if build:
        yield "assembly of a 3 MB .mlx and an ini: ms of processor", 100, (build["cpu_ms"],)
        yield "the same: MiB of memory", 32, (build["peak_rss_kb"] / 1024,)


def rows(results):
    for goal, limit, values in of_all(results):
        with_verify = f"{values[1]:.3g}" if len(values) > 1 else "-"
        verdict = "yes" if values[-1] <= limit else "without verify" if values[0] <= limit else "no"
        yield f"| {goal} | {limit} | {values[0]:.3g} | {with_verify} | {verdict} |"
