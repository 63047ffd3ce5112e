"""Of near copies the cleanest stays, of equally clean ones the newest.

A kept document changes places with one that left for it. The bytes of boilerplate that a document
has and another has not are measured on the texts by the run, as the relation of a pair is; here
they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glmdata.reference.decide import Pair, Policy, Removal, rule_of

Better = tuple[int, int, int]


def prefer_clean(
    removed: dict[int, Removal],
    pairs: Iterable[Pair],
    ranks: Sequence[int],
    policy: Policy,
    priority: Sequence[int],
    dates: Sequence[int | None],
) -> dict[int, Removal]:
    """The removals after clean copies took the places of others.

    Parameters
    ----------
    removed
        Removals as `remove_for_kept` gives them.
    priority
        For every document the place of its source among those that a user prefers: only
        documents of equal ones change places.
    dates
        Of every document, where it has one.
    """
    between = {frozenset((pair.a, pair.b)): pair for pair in pairs}

    def cleaner(pair: Pair) -> Better | None:
        gain = pair.extra_a - pair.extra_b
        if gain == 0:
            return None
        return (pair.a, pair.b, gain) if gain > 0 else (pair.b, pair.a, -gain)

    def newer(pair: Pair) -> Better | None:
        first, second = dates[pair.a], dates[pair.b]
        if pair.extra_a != pair.extra_b or first is None or second is None or first == second:
            return None
        return (pair.a, pair.b, second) if first < second else (pair.b, pair.a, first)

    # Dates decide among what is clean by then.
    for better in (cleaner, newer):
        removed = _changed(removed, between, better, ranks, policy, priority)
    return removed


def _changed(
    removed: dict[int, Removal],
    between: dict[frozenset[int], Pair],
    better: Callable[[Pair], Better | None],
    ranks: Sequence[int],
    policy: Policy,
    priority: Sequence[int],
) -> dict[int, Removal]:
    """The removals after copies that are `better` than what is kept took its place.

    That gives of two documents the one that may give way, the other one, and by how much that is
    better.
    """
    wanted = []
    for pair in between.values():
        found = better(pair)
        if found is None:
            continue
        kept, copy, gain = found
        left = removed.get(copy)
        for_it = left is not None and (left.kept, left.rule) == (kept, "fuzzy")
        if for_it and priority[kept] == priority[copy]:
            wanted.append((ranks[kept], -gain, ranks[copy], kept, copy))
    groups: dict[int, list[int]] = {}
    for document, left in removed.items():
        groups.setdefault(left.kept, []).append(document)
    now = dict(removed)
    for *_, kept, copy in sorted(wanted):
        if kept in now or _is_near_another(kept, copy, between, policy, now):
            continue
        moved: dict[int, Removal] = {}
        for document in [*(d for d in groups[kept] if d != copy), kept]:
            if document != kept and now[document].kept != kept:
                continue
            follows = _for(document, copy, between, policy)
            if follows is None:
                break
            moved[document] = follows
        else:
            del now[copy]
            now.update(moved)
    return now


def _for(
    document: int, kept: int, between: dict[frozenset[int], Pair], policy: Policy
) -> Removal | None:
    """Why a document may leave for another one, if it may."""
    pair = between.get(frozenset((document, kept)))
    if pair is None:
        return None
    own = pair.shingles_b if document == pair.b else pair.shingles_a
    rule = rule_of(pair, policy, own)
    return Removal(rule, kept, (pair.jaccard, pair.share_of(own))) if rule else None


def _is_near_another(
    kept: int,
    copy: int,
    between: dict[frozenset[int], Pair],
    policy: Policy,
    removed: dict[int, Removal],
) -> bool:
    """Whether a third document that stays is near the copy."""
    for both, pair in between.items():
        (other,) = both - {copy} if copy in both else (copy,)
        least = min(pair.shingles_a, pair.shingles_b)
        if other not in (copy, kept) and other not in removed and rule_of(pair, policy, least):
            return True
    return False
