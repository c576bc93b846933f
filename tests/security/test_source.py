"""What the source must not contain, read from its syntax tree. A finding names file and line; an exception is listed here, with its reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = sorted((ROOT / "app").rglob("*.py"))
CODE = [*APP, *sorted((ROOT / "worker").rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
Node = ast.AST

# Names of SQL fragments fixed in the same module, or a UUID object: never a word from outside.
KNOWN_SQL = {
    ("app/core/jobs.py", "assignments"): "literals of mark_done, mark_failed, renew",
    ("app/core/db.py", "company_id"): "a UUID object, bound values are impossible in a simple-protocol batch",
    ("app/people/services/imports/bulk.py", "listed"): "columns of the model",
    ("app/people/services/imports/bulk.py", "mine"): "columns of the model",
    ("app/people/services/imports/bulk.py", "more"): "columns of the model",
    ("app/people/services/imports/bulk.py", "updates"): "columns of the model",
    ("app/people/services/imports/bulk.py", "values"): "defaults of the model, quoted",
    ("app/people/services/imports/bulk.py", "company_id"): "a UUID object",
    ("app/people/services/imports/history.py", "columns"): "the constant COLUMNS",
    **{
        (
            "app/connections/services/calling/shelf.py",
            name,
        ): "two tables with fixed columns, put together when the module is loaded"
        for name in ("_READ.format", "_CHANGE.format", "_ADD.format")
    },
}
KNOWN_MARKUP = {  # what goes in was escaped, or made by us
    "app/web/components.py": "data_table: every value goes through escape()",
    "app/accounts/views/second_factor.py": "a QR code as SVG made by segno",
    "app/accounts/views/account.py": "a QR code as SVG made by segno",
    "app/screening/services/papers.py": "a document as app.screening.documents made it: it escapes every value (tests/screening/documents)",
    "app/screening/services/letters.py": "the same: a letter",
    "app/screening/views/candidate/following.py": "the same: the stored bytes of a letter, as they were sent",
}
KNOWN_COMPARISONS = (  # SQL equality of a hash of a random value
    "usersession.token_hash ==", "onetimetoken.token_hash ==", "apitoken.token_hash ==", "recoverycode.code_hash ==",
    "digest(frozen['rows'])",  # a hash of public rules, no secret
    "candidatelink.token_hash ==", "candidatesession.token_hash ==",
    *(f"signature.{column} ==" for column in ("link_id", "request_id", "answer")),  # a person's signature: a row, no secret
    "token == self._token", "token.access == refused",  # our own copies of a provider's token; nobody outside can measure it
    ".hexdigest() == fact.sha256",  # a file against the list that came with it
    "token.signed_in_by_user_id", "token.connection_id ==", "text(file, 'md5checksum') ==",  # whose it is; the sum of a file the provider holds
    "row_mac(", ".digest()",  # rows and files of our own database, checked by us; nobody outside can measure it
)  # fmt: skip
SQL = re.compile(r"\b(select|insert into|update|delete from|set_config|truncate|alter|create|drop)\b", re.I)
SENDING = {"text", "execute", "exec_driver_sql", "literal_column"}
BANNED_IMPORTS = ("xml", "lxml", "pickle", "marshal", "shelve", "dill", "yaml", "telnetlib", "ftplib")
BANNED_CALLS = {"eval", "exec", "compile", "__import__", "render_template_string", "print", "breakpoint", "input"}
BANNED_METHODS = {("os", "system"), ("os", "popen"), ("pickle", "loads"), ("yaml", "load"), ("random", "seed")}


@cache
def nodes(path: Path) -> list[Node]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def findings(paths: list[Path], check: Callable[[Node], str | None]) -> list[str]:
    found = []
    for path in paths:
        for node in nodes(path):
            trouble = check(node)
            if trouble:
                found.append(f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {trouble}")
    return found


def _called(node: Node) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _pieces(node: Node) -> Iterator[str]:
    """Names put into a string that is sent as SQL, by f-string, `%`, `+` or `.format`."""
    if isinstance(node, ast.JoinedStr):
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                yield ast.unparse(value.value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        sides = [side for side in (node.left, node.right) if not isinstance(side, ast.Constant)]
        for side in sides:
            yield from _pieces(side) if isinstance(side, ast.JoinedStr | ast.BinOp) else [ast.unparse(side)]
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format":
        yield ast.unparse(node.func)


def test_no_sql_is_built_from_words() -> None:
    def check(node: Node) -> str | None:
        sends = isinstance(node, ast.Call) and _called(node) in SENDING and node.args
        return ", ".join(_pieces(node.args[0])) if sends else None  # type: ignore[attr-defined]

    assert [line for line in findings(APP, check) if not _is_known(line)] == []


def test_no_formatted_string_anywhere_reads_like_sql() -> None:
    """Also where the string is built first and sent later."""

    def check(node: Node) -> str | None:
        if not isinstance(node, ast.JoinedStr):
            return None
        text = "".join(
            part.value for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
        if not re.match(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|BEGIN|SET|WITH)\b", text):
            return None
        return ", ".join(_pieces(node))

    assert [line for line in findings(APP, check) if not _is_known(line)] == []


def _is_known(line: str) -> bool:
    """`path:line: a, b` where every fragment is in the list above."""
    path, _, fragments = line.split(":", 2)
    return all((path, fragment.strip()) in KNOWN_SQL for fragment in fragments.split(","))


# Two parsers of one format disagree somewhere, and what one checks the other then reads differently (ASVS 1.5.3).
PARSERS = {
    "JSON": {"json", "orjson", "ujson", "simplejson", "rapidjson", "msgspec"},
    "CSV": {"csv", "pandas", "polars", "clevercsv", "agate"},
    "workbooks": {"openpyxl", "xlrd", "python_calamine", "pyxlsb", "pandas"},
    "addresses": {"urllib.parse", "yarl", "furl", "hyperlink", "rfc3986", "urllib3.util"},
    "IP addresses": {"ipaddress", "netaddr", "IPy"},
    "tokens": {"joserfc", "jose", "jwt", "jwcrypto"},
    "X12": {
        "app.integrations.formats.x12.tokens",
        "badx12",
        "linuxforhealth",
    },  # pyx12 judges what we wrote, and reads nothing
    "mail": {"email", "flanker", "mailparser"},
}


def imported() -> set[str]:
    found = set[str]()
    for path in CODE:
        for node in nodes(path):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    return {".".join(name.split(".")[:depth]) for name in found for depth in range(1, 6)}


def test_each_format_has_one_parser() -> None:
    here = imported()
    assert {name: sorted(here & parsers) for name, parsers in PARSERS.items() if len(here & parsers) != 1} == {}


def test_the_tenant_is_set_for_a_transaction_only() -> None:
    """`SET app.…` or `set_config(…, false)` would outlive the transaction and meet the next request (4,000 rows leaked when measured)."""
    wrong = re.compile(r"SET\s+(SESSION\s+)?app\.|set_config\([^)]*,\s*false\s*\)", re.I)
    texts = [*CODE, *sorted((ROOT / "migrations").rglob("*.py"))]
    assert [str(path) for path in texts if wrong.search(path.read_text(encoding="utf-8"))] == []
    setting = re.compile(r"set_config\('([\w.]+)'")
    found = {(path.name, name) for path in CODE for name in setting.findall(path.read_text(encoding="utf-8"))}
    assert found == {("db.py", "app.company_id"), ("shelf.py", "synchronous_commit")}, "one place sets the tenant"


def test_nothing_dangerous_is_imported() -> None:
    def check(node: Node) -> str | None:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        bad = [name for name in names if name.split(".")[0] in BANNED_IMPORTS]
        return f"imports {', '.join(bad)}" if bad else None

    assert findings(CODE, check) == []


def test_nothing_dangerous_is_called() -> None:
    def check(node: Node) -> str | None:
        if not isinstance(node, ast.Call):
            return None
        if isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            return f"calls {node.func.id}"
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if (owner, getattr(node.func, "attr", "")) in BANNED_METHODS:
            return f"calls {owner}.{getattr(node.func, 'attr', '')}"
        shell = any(k.arg == "shell" and getattr(k.value, "value", None) is True for k in node.keywords)
        return "starts a shell" if shell else None

    assert findings(APP, check) == []


def test_tls_is_never_switched_off() -> None:
    def check(node: Node) -> str | None:
        if not isinstance(node, ast.Call):
            return None
        off = [
            k.arg
            for k in node.keywords
            if k.arg in ("verify", "check_hostname") and getattr(k.value, "value", None) is False
        ]
        return "accepts any certificate" if off else None

    assert findings(CODE, check) == []
    lax = re.compile(r"AutoAddPolicy|WarningPolicy|CERT_NONE|_create_unverified_context")
    assert [str(path) for path in CODE if lax.search(path.read_text(encoding="utf-8"))] == []


def test_markup_comes_from_templates_only() -> None:
    """`Markup(…)` and `|safe` are how a stored name becomes a script."""

    def check(node: Node) -> str | None:
        return "makes markup" if _called(node) == "Markup" and not isinstance(node.args[0], ast.Constant) else None  # type: ignore[attr-defined]

    assert [line for line in findings(APP, check) if line.split(":")[0] not in KNOWN_MARKUP] == []
    unsafe = re.compile(r"\|\s*safe\b|autoescape\s+false|\bhx-on|\bjs:|javascript:|<style\b|\sstyle=|\son[a-z]+=", re.I)
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TEMPLATES
        if path.name != "email.html"  # mail programs read nothing but inline styles
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unsafe.search(re.sub(r"\{#.*?#\}", "", line))
    ]
    assert wrong == []


def test_secrets_are_random_enough() -> None:
    """`random` makes demo data and spreads retries; tokens, keys and nonces come from the operating system."""
    users = [
        str(p.relative_to(ROOT))
        for p in CODE
        if re.search(r"^import random|^from random", p.read_text(encoding="utf-8"), re.M)
    ]
    retries = {"worker/execute.py", "app/integrations/protection/guard.py", "app/hooks/services/deliveries.py"}
    assert {path for path in users if not path.startswith(("worker/demo", "worker/cli/seed"))} <= retries


def test_secrets_are_compared_in_constant_time() -> None:
    def check(node: Node) -> str | None:
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return None
        sides = [ast.unparse(side).lower() for side in (node.left, *node.comparators)]
        secret = re.compile(r"(\btoken\b|password|secret|signature|digest\(|\bmac\b|code_hash|token_hash)")
        both_names = not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))
        return " == ".join(sides) if both_names and any(secret.search(side) for side in sides) else None

    assert [line for line in findings(APP, check) if not any(known in line for known in KNOWN_COMPARISONS)] == []
