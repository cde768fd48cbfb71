"""Makes the expected HTML that tests/service/web compares our macros with.

    python tools/frontend_fixtures.py

- GOV.UK publishes fixtures.json with each component: they are collected as they are.
- MoJ publishes none, so its own Nunjucks templates are rendered, with the options of moj_cases.json.

For maintainers only: it needs npm, which fetches the two packages, nunjucks and moment into a temporary folder.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures" / "frontend"
PACKAGES = [
    "govuk-frontend@6.6.0",
    "@ministryofjustice/frontend@11.1.0",
    "nunjucks@3.2.4",
    "moment@2.30.1",
]
RENDER = """
const nunjucks = require('nunjucks'), fs = require('fs')
const env = nunjucks.configure(['node_modules/govuk-frontend/dist', 'node_modules/@ministryofjustice/frontend'],
  { autoescape: true, trimBlocks: true, lstripBlocks: true })
const filters = require('@ministryofjustice/frontend/moj/filters/all.js')()
for (const [name, filter] of Object.entries(filters)) env.addFilter(name, filter)
const cases = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')), out = {}
for (const [component, all] of Object.entries(cases)) {
  out[component] = all.map((options) => ({ options,
    html: env.render(`moj/components/${component}/template.njk`, { params: options }) }))
}
process.stdout.write(JSON.stringify(out))
"""


def write(name: str, made: object) -> None:
    """Compressed with no date inside, so the same fixtures are the same bytes."""
    text = json.dumps(made, ensure_ascii=False, sort_keys=True, indent=0)
    (FIXTURES / name).write_bytes(gzip.compress(text.encode(), mtime=0))


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", *PACKAGES]
        subprocess.run(npm, cwd=folder, check=True, capture_output=True)
        modules = Path(folder) / "node_modules"
        govuk = {
            path.parent.name: json.loads(path.read_text())["fixtures"]
            for path in sorted((modules / "govuk-frontend/dist/govuk/components").glob("*/fixtures.json"))
        }
        write("govuk.json.gz", govuk)
        (Path(folder) / "render.cjs").write_text(RENDER)
        told = subprocess.run(
            ["node", "render.cjs", str(FIXTURES / "moj_cases.json")],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "TZ": "Europe/London"},
        )
        moj = json.loads(told.stdout)
        write("moj.json.gz", moj)
    sys.stdout.write(f"GOV.UK {sum(map(len, govuk.values()))}, MoJ {sum(map(len, moj.values()))} fixtures\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
