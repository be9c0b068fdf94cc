"""The migrations form one line, and say by themselves what they make."""

import ast
from pathlib import Path

from alembic.script import ScriptDirectory

from data.models import metadata, schema


def scripts():
    return list(ScriptDirectory.from_config(schema.config()).walk_revisions())


def test_there_is_one_head_and_one_root():
    directory = ScriptDirectory.from_config(schema.config())
    assert len(directory.get_heads()) == 1
    assert len(directory.get_bases()) == 1


def test_every_migration_says_what_it_is_for_and_can_be_taken_back():
    for script in scripts():
        assert script.doc
        tree = ast.parse(Path(script.path).read_text(encoding="utf-8"))
        bodies = {n.name: n.body for n in tree.body if isinstance(n, ast.FunctionDef)}
        for name in ("upgrade", "downgrade"):
            assert not all(isinstance(x, ast.Pass) for x in bodies[name]), script.path


def test_a_migration_leans_on_no_table_of_today():
    """The models move on; a migration that imports them would change its meaning with them."""
    for script in scripts():
        source = Path(script.path).read_text(encoding="utf-8")
        imported = {
            name.name if isinstance(node, ast.Import) else f"{node.module}.{name.name}"
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        ours = {name for name in imported if name.startswith("data")}
        assert ours <= {"data.models.columns"}, script.path


def test_every_constraint_has_a_name():
    """What has no name cannot be dropped on both databases."""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, (table.name, constraint)
        for index in table.indexes:
            assert index.name
            assert len(str(index.name)) <= 63
