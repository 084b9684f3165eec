"""Translations without GNU gettext: extract, compare, compile. Run by the virtual environment's Python.

``.po`` files are kept in the repository, ``.mo`` files are made at set-up.
"""

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).absolute().parents[2]
SOURCES = (("apps", "**/*.py"), ("crm_project", "*.py"), ("templates", "**/*"), ("apps", "**/templates/**/*"))
TEMPLATE_SUFFIXES = {".html", ".txt"}
COMPLETE = ("es",)  # languages that must have every message
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
Key = tuple[str | None, str]


@dataclass
class Message:
    """One text of the source: singular, plural if any, and the files that use it."""

    context: str | None
    singular: str
    plural: str | None = None
    files: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)


def source_files(checkout: Path) -> Iterator[Path]:
    """Every file that may hold texts."""
    for folder, pattern in SOURCES:
        for path in sorted((checkout / folder).glob(pattern)):
            if path.suffix == ".py" or (path.suffix in TEMPLATE_SUFFIXES and path.is_file()):
                yield path


def collect(checkout: Path) -> dict[Key, Message]:
    """All messages of the source by context and singular."""
    found: dict[Key, Message] = {}
    for path in source_files(checkout):
        text, method = path.read_text(), "python"
        if path.suffix != ".py":
            # Django turns a template into calls among blanks; a lenient lexer reads them.
            text, method = templatize(text, origin=str(path)), "javascript"
        stream = io.BytesIO(text.encode())
        for _line, texts, comments, context in extract(method, stream, KEYWORDS, ["Translators:"]):
            singular, plural = (texts[0], texts[1]) if isinstance(texts, tuple) else (texts, None)
            if not singular:
                continue
            message = found.setdefault((context, singular), Message(context, singular, plural))
            message.plural = message.plural or plural
            message.files.add(path.relative_to(checkout).as_posix())
            message.comments += [one for one in comments if one not in message.comments]
    return found


def po_files(checkout: Path) -> list[Path]:
    return sorted((checkout / "locale").glob("*/LC_MESSAGES/django.po"))


def update(checkout: Path, languages: list[str]) -> int:
    """Bring every .po file up to date, keeping translations; new languages are made."""
    messages = collect(checkout)
    new = [checkout / "locale" / one / "LC_MESSAGES" / "django.po" for one in languages]
    for path in sorted({*po_files(checkout), *new}):
        old = polib.pofile(str(path)) if path.exists() else polib.POFile()
        merged = polib.POFile(wrapwidth=100)
        merged.metadata = {
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=2; plural=(n != 1);",
            **{k: v for k, v in old.metadata.items() if k in {"Plural-Forms"}},
            "Language": path.parts[-3],
        }
        known = {(one.msgctxt, one.msgid): one for one in old if not one.obsolete}
        for key in sorted(messages, key=lambda key: (key[1], key[0] or "")):
            merged.append(_entry(messages[key], known.get(key), merged.metadata["Plural-Forms"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        merged.save(str(path))
        left = len(merged.untranslated_entries())
        print(f"{path.relative_to(checkout)}: {len(merged)} messages, {left} untranslated")
    return 0


def _entry(message: Message, old: polib.POEntry | None, plural_forms: str) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.singular,
        msgctxt=message.context,
        comment="\n".join(message.comments),
        occurrences=[(name, "") for name in sorted(message.files)],
        flags=["python-format"] if PLACEHOLDER.search(message.singular + (message.plural or "")) else [],
    )
    if message.plural:
        count = int((re.search(r"nplurals=(\d+)", plural_forms) or ["", "2"])[1])
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {
            number: (old.msgstr_plural.get(number, "") if old and old.msgid_plural else "") for number in range(count)
        }
    elif old and not old.msgid_plural:
        entry.msgstr = old.msgstr
    return entry


def check(checkout: Path) -> int:
    """Say what is missing, left over, untranslated or has lost a placeholder; 1 when anything is."""
    messages = collect(checkout)
    missing = {one for one in COMPLETE if not (checkout / "locale" / one / "LC_MESSAGES" / "django.po").exists()}
    troubles = [f"locale/{one}: no messages at all" for one in missing]
    for path in po_files(checkout):
        name, entries = (
            path.relative_to(checkout),
            [one for one in polib.pofile(str(path)) if not one.obsolete],
        )
        known = {(one.msgctxt, one.msgid): one for one in entries}
        troubles += [f"{name}: missing {key[1]!r}" for key in messages.keys() - known.keys()]
        troubles += [f"{name}: no longer used {key[1]!r}" for key in known.keys() - messages.keys()]
        for one in entries:
            if one.msgid and path.parts[-3] in COMPLETE and not one.translated():
                troubles.append(f"{name}: not translated {one.msgid!r}")
            troubles += [f"{name}: placeholders differ in {one.msgid!r}" for _ in _wrong_texts(one)]
    for trouble in sorted(set(troubles)):
        print(trouble)
    if troubles:
        print("Run bin/messages update, then translate.")
    return 1 if troubles else 0


def _wrong_texts(entry: polib.POEntry) -> list[str]:
    """Translations that use placeholders their source doesn't have, or drop one of a text without plural."""
    offered = set(PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
    if entry.msgid_plural:
        return [text for text in entry.msgstr_plural.values() if set(PLACEHOLDER.findall(text)) - offered]
    return [entry.msgstr] if entry.msgstr and set(PLACEHOLDER.findall(entry.msgstr)) != offered else []


def compile_all(checkout: Path) -> int:
    """Make the .mo file beside every .po file; ones without source are removed."""
    for path in po_files(checkout):
        fresh = path.with_suffix(".mo.new")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.replace(path.with_suffix(".mo"))
    for left in (checkout / "locale").glob("*/LC_MESSAGES/*.mo"):
        if not left.with_suffix(".po").exists():
            left.unlink()
    return 0


def main(words: list[str], checkout: Path = CHECKOUT) -> int:
    """update [language …] | check | compile"""
    verb, *rest = words or [""]
    if verb == "update":
        return update(checkout, rest)
    if verb == "check" and not rest:
        return check(checkout)
    if verb == "compile" and not rest:
        return compile_all(checkout)
    print("Say bin/messages update [language …], check or compile.", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
