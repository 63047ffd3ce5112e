"""Source code: files that define other things are siblings, versions of one file are one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.stages import run
from tests.property.texts import Document

HEAD = "// Licensed to whom it may concern; see LICENSE for what that means in practice.\n"
JAVA = HEAD + (
    "package harbour.plan;\n\nimport java.util.List;\n\n"
    "public class FerryRequest extends Message {\n"
    "    private final String name;\n    private final List<String> stops;\n\n"
    "    public FerryRequest(String name, List<String> stops) {\n"
    "        this.name = name;\n        this.stops = stops;\n    }\n\n"
    "    public String getName() {\n        return name;\n    }\n\n"
    "    public List<String> getStops() {\n        return stops;\n    }\n\n"
    "    @Override\n    public String toString() {\n"
    '        return name + " calls at " + String.join(", ", stops);\n    }\n}\n'
)
PYTHON = (
    '"""Trees, level by level."""\n\nfrom collections import deque\n\n\n'
    "def levels(root):\n    if root is None:\n        return []\n"
    "    found, waiting = [], deque([root])\n"
    "    while waiting:\n        level = []\n        for _ in range(len(waiting)):\n"
    "            node = waiting.popleft()\n            level.append(node.value)\n"
    "            waiting.extend(child for child in (node.left, node.right) if child)\n"
    "        found.append(level)\n    return found\n"
)
GO = (
    "package tide\n\n// Height in metres at an hour.\n"
    "func (t *Table) Height(hour int) float64 {\n\tif hour < 0 || hour >= len(t.rows) {\n"
    "\t\treturn 0\n\t}\n\treturn t.rows[hour].metres\n}\n\n"
    "func (t *Table) Len() int {\n\treturn len(t.rows)\n}\n\n"
    "func Load(path string) (*Table, error) {\n\tdata, err := os.ReadFile(path)\n"
    "\tif err != nil {\n\t\treturn nil, err\n\t}\n\treturn parse(data)\n}\n"
)

SIBLINGS = {
    "class": (JAVA, JAVA.replace("FerryRequest", "FerryResponse")),
    "function": (
        PYTHON,
        PYTHON.replace("levels(", "levels_from_below(").replace("d\n", "d[::-1]\n"),
    ),
    "method": (GO, GO.replace("Height", "Speed").replace("in metres", "in knots")),
    "test": (
        *(
            f"describe('.{name}', function () {{\n  it('is read from the request', function () {{\n"
            f"    const app = harbour();\n    app.get('/', (req, res) => res.end(req.{name}));\n"
            "    return ask(app).get('/').expect(200, 'quay.test');\n"
            "  });\n  it('is undefined without a header', function () {\n"
            "    return ask(harbour()).get('/').unset('Host').expect(200, '');\n"
            "  });\n});\n"
            for name in ("host", "hostname")
        ),
    ),
}
VERSIONS = {
    "a line of a comment": (JAVA, JAVA.replace("see LICENSE", "read LICENSE")),
    "one more method": (
        JAVA,
        JAVA.rstrip("}\n")
        + "}\n\n    public int size() {\n        return stops.size();\n    }\n}\n",
    ),
    "a local name": (PYTHON, PYTHON.replace("child", "twig")),
    "a note": (GO, GO.replace("in metres", "in metres above the chart")),
    "another import": (PYTHON, PYTHON.replace("import deque", "import deque  # fast at both ends")),
}


def kept(folder: Path, texts: tuple[str, str]) -> int:
    documents: list[Document] = [
        {"id": str(n), "text": text, "source": "code"} for n, text in enumerate(texts)
    ]
    stage = run(folder / "run", documents, write="decisions", threshold=0.6, fuzzy_short=True)
    assert stage.read("report.json")["pairs"]["verified"] == 1
    return len(stage.kept)


@pytest.mark.parametrize("what", SIBLINGS)
def test_siblings_stay(tmp_path: Path, what: str) -> None:
    assert kept(tmp_path, SIBLINGS[what]) == 2


@pytest.mark.parametrize("what", VERSIONS)
def test_versions_are_one(tmp_path: Path, what: str) -> None:
    assert kept(tmp_path, VERSIONS[what]) == 1
