"""The tree that a record stands in: a panel on its page, and a page for the whole of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from apps.core import access
from apps.core.registry import Definition, RecordType
from apps.records.trees import DEPTH, ROWS, Above, Below, Tree, siblings_left, tree_field
from apps.records.views.base import TypeView, record_url
from apps.records.views.showing import Shower, badge_of

ALL_OPEN = 60
"""A tree of so many rows is shown with everything open."""


@dataclass
class Node:
    """One row of a tree as it is shown. One that is out of sight has neither name nor address, nor its id anywhere."""

    title: str
    url: str = ""
    badge: dict[str, str] | None = None
    current: bool = False
    open: bool = False
    children: list[Node] = field(default_factory=list)
    more: str = ""
    """How many children are left out, "12" or "950+"."""
    more_url: str = ""
    deeper_url: str = ""
    """The tree from here downwards, where this one ends."""

    @property
    def restricted(self) -> bool:
        """Out of the reader's sight."""
        return not self.url


@dataclass(frozen=True)
class TreePanel:
    """What stands beside a record: the line above it, who else is there, and what is below."""

    label: str
    lines: list[Node]
    """The line from the top down to the record itself, which comes last."""
    siblings: Node | None
    """The others below the same parent, as children of a node."""
    siblings_count: str
    add_url: str
    url: str


def tree_label(record_type: RecordType) -> str:
    """What people call the tree of a type."""
    return str(record_type.tree_label) or _("%(record)s tree") % {"record": record_type.label}


class NodeBuilder:
    """Makes nodes of ids: reads the records in sight at once, and links to what can be opened."""

    def __init__(self, tree: Tree, user: Any, ids: Iterable[uuid.UUID]) -> None:
        self.tree, self.type = tree, tree.definition.type
        self.shower = Shower(tree.definition, user)
        rows = self.type.visible_to(user).filter(pk__in=list(ids))
        self.records: dict[uuid.UUID, Any] = {row.pk: row for row in rows}

    def know(self, record: Any) -> None:
        """Take a record that is read already."""
        self.records[record.pk] = record

    def node(self, record_id: uuid.UUID, *, current: bool = False) -> Node:
        """The node of one id, which says "restricted" unless the record is in sight."""
        record = self.records.get(record_id)
        if record is None:
            return Node(_("restricted"))
        url, badge = record_url(self.type, record_id), badge_of(self.tree.definition, record)
        return Node(self.shower.title(record), url, badge, current=current)

    def list_url(self, parent_id: uuid.UUID) -> str:
        """The list of everything right below a record in sight."""
        return f"/{self.type.path}/?{self.tree.field.key}={parent_id}" if parent_id in self.records else ""

    def count_left(self, node: Node, parent_id: uuid.UUID, siblings: int, shown: int) -> None:
        """Say on a node how many of its children are left out."""
        left = siblings_left(siblings, shown)
        if left.number:
            node.more, node.more_url = left.text, self.list_url(parent_id)


def top_of(chain: Sequence[Above]) -> int:
    """How much of the line above a record is shown: up to the highest record in sight.

    The parent itself is always shown, if only as "restricted": its field says as much.
    """
    seen = [number for number, above in enumerate(chain) if above.seen]
    return max(seen[-1] + 1 if seen else 0, min(1, len(chain)))


def tree_panel(definition: Definition, record: Any, user: Any) -> TreePanel | None:
    """The panel of a record; None where the type makes no tree, or where its field is kept from the reader.

    Costs one query for a record alone, at most three.
    """
    found = tree_field(definition)
    if found is None:
        return None
    tree = Tree(definition, found, user)
    chain = tree.above(record)
    chain = chain[: top_of(chain)]
    parent_id = chain[0].id if chain else None
    rows = [row for row in tree.below([record.pk, *(one.id for one in chain[:1])], depth=1) if row.seen and row.depth]
    wanted = {row.id for row in rows} | {one.id for one in chain if one.seen}
    builder = NodeBuilder(tree, user, wanted - {record.pk})
    builder.know(record)

    current = builder.node(record.pk, current=True)
    below = _children(builder, rows, record.pk)
    current.children = below
    builder.count_left(current, record.pk, _siblings(rows, record.pk), len(below))
    beside, others = None, 0
    if parent_id is not None:
        shown = _children(builder, rows, parent_id, without=record.pk)
        others = _siblings(rows, parent_id) - 1
        beside = Node("", children=shown)
        builder.count_left(beside, parent_id, others, len(shown))
    path, key = definition.type.path, definition.type.key
    return TreePanel(
        label=tree_label(definition.type),
        lines=[*(builder.node(one.id) for one in reversed(chain)), current],
        siblings=beside if beside is not None and beside.children else None,
        siblings_count=siblings_left(others, 0).text if others > 0 else "",
        add_url=f"/{path}/new/?{found.key}={record.pk}" if access.can(user, "add", key) else "",
        url=f"{record_url(definition.type, record.pk)}tree/" if chain or below else "",
    )


def _children(
    builder: NodeBuilder, rows: Iterable[Below], parent_id: uuid.UUID, *, without: uuid.UUID | None = None
) -> list[Node]:
    ordered = sorted((row for row in rows if row.parent_id == parent_id and row.id != without), key=_place)
    return [builder.node(row.id) for row in ordered if row.id in builder.records]


def _siblings(rows: Iterable[Below], parent_id: uuid.UUID) -> int:
    return max((row.siblings for row in rows if row.parent_id == parent_id), default=0)


def _place(row: Below) -> tuple[bool, int]:
    """Rows in sight by name, then those that only lead to others."""
    return (not row.seen, row.place)


class TreeView(TypeView):
    """The whole tree round a record, or, with ``?below``, the branch that begins with it."""

    def get(self, request: Any, record_id: uuid.UUID, **_route: Any) -> HttpResponse:
        record = self.record(record_id)
        found = tree_field(self.definition)
        if found is None:
            raise Http404
        tree = Tree(self.definition, found, request.user)
        chain = tree.above(record)
        shown = [] if "below" in request.GET else chain[: top_of(chain)]
        top = shown[-1].id if shown else record.pk
        rows = tree.below([top])
        seen = {row.id for row in rows if row.seen} | {one.id for one in shown if one.seen}
        builder = NodeBuilder(tree, request.user, seen)
        builder.know(record)
        root = grow(builder, top, record.pk, rows, [one.id for one in shown])
        nodes = list(walk(root))
        context = {
            "record": record,
            "title": builder.shower.title(record),
            "label": tree_label(self.record_type),
            "root": root,
            "number": len(nodes),
            "has_restricted": any(node.restricted for node in nodes),
            "whole_url": f"{record_url(self.record_type, record.pk)}tree/" if chain and not shown else "",
            "above_url": self.above_url(builder, top) if len(shown) >= DEPTH else "",
        }
        return self.page("generic/tree.html", context)

    def above_url(self, builder: NodeBuilder, top: uuid.UUID) -> str:
        """Where the tree goes on upwards, if it does."""
        record = builder.records.get(top)
        more = record is not None and getattr(record, builder.tree.column) is not None
        return f"{record_url(self.record_type, top)}tree/" if more else ""


def grow(builder: NodeBuilder, top: uuid.UUID, current: uuid.UUID, rows: list[Below], line: list[uuid.UUID]) -> Node:
    """The root node with everything below it.

    ``line`` leads from the current record up to the root: it is shown and open even where a walk left it out.
    """
    nodes: dict[uuid.UUID, Node] = {top: builder.node(top, current=top == current)}
    parents: dict[uuid.UUID, uuid.UUID] = {}
    siblings: dict[uuid.UUID, int] = {}
    kept = set(line)
    for row in sorted(rows, key=lambda one: (one.depth, _place(one))):
        if row.parent_id is None or row.id in nodes:
            continue
        nodes[row.id], parents[row.id] = builder.node(row.id, current=row.id == current), row.parent_id
        siblings[row.parent_id] = max(row.siblings, siblings.get(row.parent_id, 0))
    for below, above in zip([current, *line], line, strict=False):
        if below not in nodes:
            nodes[below] = builder.node(below, current=below == current)
            parents[below] = above
    for found in _leading(nodes, kept | {current}, parents):
        if found in parents and parents[found] in nodes:
            nodes[parents[found]].children.append(nodes[found])
    shown = sum(1 for _node in walk(nodes[top]))
    for found, node in nodes.items():
        node.open = found in kept or found in (top, current) or shown <= ALL_OPEN
        visible = sum(not child.restricted for child in node.children)
        builder.count_left(node, found, siblings.get(found, 0), visible)
    _lead_on(builder, nodes, rows)
    return nodes[top]


def _leading(
    nodes: dict[uuid.UUID, Node], kept: set[uuid.UUID], parents: dict[uuid.UUID, uuid.UUID]
) -> list[uuid.UUID]:
    """The nodes to show, in their order: those in sight, and those out of sight that lead to one of them."""
    wanted = set()
    for found, node in nodes.items():
        if node.restricted and found not in kept:
            continue
        step: uuid.UUID | None = found
        while step is not None and step not in wanted:
            wanted.add(step)
            step = parents.get(step)
    return [found for found in nodes if found in wanted]


def walk(root: Node) -> Iterator[Node]:
    """``root`` and every node below it."""
    left = [root]
    while left:
        node = left.pop()
        yield node
        left += node.children


def _lead_on(builder: NodeBuilder, nodes: dict[uuid.UUID, Node], rows: list[Below]) -> None:
    """Link to the branches that this page has no room for."""
    cut = len(rows) >= ROWS
    deepest = DEPTH if not cut else max(0, max((row.depth for row in rows), default=0) - 1)
    depths = {row.id: row.depth for row in rows}
    leaves = [
        found
        for found, node in nodes.items()
        if not node.children and not node.restricted and depths.get(found, DEPTH) >= deepest
    ]
    for found in builder.tree.parents_among(leaves) if leaves else ():
        nodes[found].deeper_url = f"{nodes[found].url}tree/?below=1"
