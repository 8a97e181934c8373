"""The house rules that can be read off the source (DESIGN §6)."""

import ast
import gc
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = sorted([*ROOT.glob("backend/**/*.py"), *ROOT.glob("workers/**/*.py")])
LINES_MAX = 300
FUNCTION_LINES_MAX = 70
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|manager|misc)(_|$)")
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.IfExp)
METHODS = {"get", "post", "put", "patch", "delete"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    """Undisturbed: CPython 3.11 counts the depth of one tree at a time (gh-106905), and a finalizer
    that parses something while another is built breaks both.
    """
    gc.disable()
    try:
        return ast.parse(path.read_text())
    finally:
        gc.enable()


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_stay_short():
    long = [name(p) for p in PRODUCT if len(p.read_text().splitlines()) > LINES_MAX]
    assert not long


def test_functions_stay_short():
    long = [
        f"{name(path)}:{function.name}"
        for path in PRODUCT
        for function in functions(tree_of(path))
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long


def test_names_say_what_a_file_is():
    assert not [name(p) for p in PRODUCT if FORBIDDEN_NAMES.search(p.stem)]


def test_state_is_assigned_nowhere():
    """A state moves through its feature's one compare-and-set function.

    Gateways have no rows: their `state` is a connection's.
    """
    guilty = []
    for path in (p for p in PRODUCT if "gateways" not in p.parts):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AugAssign | ast.AnnAssign):
                targets = [node.target]
            else:
                continue
            guilty += [
                f"{name(path)}:{node.lineno}"
                for t in targets
                if isinstance(t, ast.Attribute)
                and t.attr == "state"
                # `self.state` of a connection is no row's state
                and not (isinstance(t.value, ast.Name) and t.value.id == "self")
            ]
    assert not guilty


def query_files() -> list[Path]:
    return [p for p in PRODUCT if p.name == "queries.py" or p.parent.name == "queries"]


def sql_texts(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_queries_ask_no_clock_but_the_scopes():
    clock = re.compile(
        r"\b(now\(\)|current_timestamp|clock_timestamp|statement_timestamp)", re.IGNORECASE
    )
    guilty = [
        f"{name(path)}:{line}"
        for path in query_files()
        for line, text in sql_texts(path)
        if clock.search(text)
    ]
    assert not guilty


def test_sql_reads_its_own_feature_only():
    """A foreign table is read through the feature's service or its `pub_<feature>_*` view."""
    owner: dict[str, str] = {}
    features = {"ledger", "audience", "templates", "campaigns", "moderation", "delivery", "billing"}
    features |= {"notifications", "finance"}
    for path in ROOT.glob("migrations/sql/*.sql"):
        feature = path.stem.split("_", 1)[1]
        if feature in features:
            tables = re.findall(r"^CREATE TABLE (\w+)", path.read_text(), re.MULTILINE)
            owner |= dict.fromkeys(tables, feature)
    owner["gateways"] = "gateways"  # stands in delivery's migration, which refers to it
    guilty = []
    for path in PRODUCT:
        if path.name == "bench_dispatch.py":
            continue  # measures what follows an approval, so it writes an approved session itself
        feature = path.relative_to(ROOT).parts[1]
        for line, text in sql_texts(path):
            for verb, table in re.findall(r"\b(FROM|JOIN|INTO|UPDATE)\s+(\w+)", text):
                if owner.get(table, feature) != feature:
                    guilty.append(f"{name(path)}:{line} {verb} {table} of {owner[table]}")
    assert not guilty


def is_route(node: ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(d, ast.Call) and isinstance(d.func, ast.Name) and d.func.id in METHODS
        for d in node.decorator_list
    )


def test_routes_are_one_await():
    fat = []
    for path in PRODUCT:
        if path.name != "routes.py" and path.parent.name != "routes":
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.AsyncFunctionDef) and is_route(node):
                awaits = sum(isinstance(inner, ast.Await) for inner in ast.walk(node))
                if awaits != 1 or any(isinstance(inner, BRANCHES) for inner in ast.walk(node)):
                    fat.append(f"{name(path)}:{node.name}")
    assert not fat


def test_only_the_scopes_touch_the_engine():
    """Piccolo's own transactions, batches and pool are traps: ours are the scopes."""
    allowed = {"backend/db/transaction.py", "backend/db/engine.py", "backend/db/migrate.py"}
    trap = re.compile(r"DATABASE\.(transaction|pool|batch|atomic|get_new_connection)\b|\.batch\(")
    guilty = [name(p) for p in PRODUCT if name(p) not in allowed and trap.search(p.read_text())]
    assert not guilty


def test_no_tasks_or_gather_inside_a_scope():
    guilty = []
    for path in PRODUCT:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.AsyncWith) and "_scope(" in ast.unparse(node.items[0]):
                inside = ast.unparse(node)
                if re.search(r"\b(gather|create_task|TaskGroup)\(", inside):
                    guilty.append(f"{name(path)}:{node.lineno}")
    assert not guilty


def test_the_product_hashes_at_the_recommended_cost_only():
    """The door for cheaper hashes is the test processes'."""
    assert [name(path) for path in PRODUCT if "use_hasher(" in path.read_text()] == [
        "backend/identity/passwords.py"
    ]
