"""Makes `web/static/vendor/` again, byte for byte, from the two published npm packages.

    python tools/vendor_frontend.py            writes the files and VENDORED.toml
    python tools/vendor_frontend.py --check    writes nothing; says whether the files would be the same

For maintainers only: it needs the npm client. Users get the files with Milepost and need no build step.

What is changed on the way, and why:
- The GDS Transport font and the crown and crest may be used only by services on a gov.uk domain. The rules
  that load the font or draw the crest are taken out, and each rule that names the font names the system's
  own sans-serif instead.
- Addresses of images are made relative to the style sheet, so the files work under any STATIC_URL and can be
  given hashed names; rules whose image is not shipped (those of the rich text editor) lose the image.
- Source maps are not shipped, so the lines that point at them go.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "src" / "milepost" / "service" / "web" / "static" / "vendor"
MANIFEST = "VENDORED.toml"
SYSTEM_FONT = "system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Arial,sans-serif"

MIT = """The MIT License (MIT)

Copyright (C) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of
this software and associated documentation files (the "Software"), to deal in
the Software without restriction, including without limitation the rights to
use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do
so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    folder: str
    style: str
    script: str
    images: str
    wanted_images: tuple[str, ...]
    holder: str


PACKAGES = (
    Package(
        "govuk-frontend",
        "6.6.0",
        "govuk-frontend",
        "dist/govuk/govuk-frontend.min.css",
        "dist/govuk/govuk-frontend.min.js",
        "dist/govuk/assets/images",
        (),
        "2017 Crown Copyright (Government Digital Service)",
    ),
    Package(
        "@ministryofjustice/frontend",
        "11.1.0",
        "moj-frontend",
        "moj/moj-frontend.min.css",
        "moj/moj-frontend.min.js",
        "moj/assets/images",
        (
            "icon-close-cross-black.svg",
            "icon-document.svg",
            "icon-progress-tick.svg",
            "icon-tag-remove-cross-white.svg",
            "icon-tag-remove-cross.svg",
            "icon-toggle-plus-minus.svg",
        ),
        "2021 dxw",  # as the LICENSE file of ministryofjustice/moj-frontend says,
    ),
)


def packed(package: Package) -> dict[str, bytes]:
    """The files of the package as the registry holds it; npm checks its published integrity hash."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package.name}@{package.version}", "--json", "--pack-destination", folder]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        tarball = Path(folder) / json.loads(told.stdout)[0]["filename"]
        with tarfile.open(fileobj=io.BytesIO(tarball.read_bytes())) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            return {
                member.name.removeprefix("package/"): archive.extractfile(member).read()  # type: ignore[union-attr]
                for member in members
            }


def cleaned_style(css: str, images: tuple[str, ...]) -> str:
    css = re.sub(r"@font-face\{[^}]*GDS Transport[^}]*\}", "", css)
    css = re.sub(r"@supports[^{]*\{(?:[^{}]*\{[^{}]*govuk-crest\.svg[^{}]*\})\s*\}", "", css)
    css = re.sub(r"[^{}]*\{[^{}]*govuk-crest\.svg[^{}]*\}", "", css)
    css = re.sub(r"[^{},]*__(?:crown|logotype-crown|logotype-crest)[^{},]*\{[^{}]*\}", "", css)
    css = re.sub(r"font-family:GDS Transport,arial,sans-serif", f"font-family:{SYSTEM_FONT}", css)
    css = re.sub(
        r"url\(/assets/images/([^)]+)\)",
        lambda found: f"url(images/{found[1]})" if found[1] in images else "none",
        css,
    )
    return without_source_map(css)


def without_source_map(text: str) -> str:
    text = re.sub(r"/\*# sourceMappingURL=[^*]*\*/", "", text)
    return re.sub(r"//# sourceMappingURL=\S*", "", text).strip() + "\n"


def shipped(package: Package) -> dict[str, bytes]:
    """Path under `vendor/` to bytes, for one package."""
    files = packed(package)
    if json.loads(files["package.json"])["license"] != "MIT":
        raise SystemExit(f"{package.name} {package.version} is no longer MIT: read its licence first")
    style = cleaned_style(files[package.style].decode(), package.wanted_images)
    out = {
        Path(package.style).name: style.encode(),
        Path(package.script).name: without_source_map(files[package.script].decode()).encode(),
        "LICENSE.txt": MIT.format(holder=package.holder).encode(),
    }
    for image in package.wanted_images:
        out[f"images/{image}"] = files[f"{package.images}/{image}"]
    return {f"{package.folder}/{name}": data for name, data in sorted(out.items())}


def manifest(made: dict[str, dict[str, bytes]]) -> str:
    lines = [
        "# What was made by others, where it came from and what it must be, byte for byte.",
        "# Written by tools/vendor_frontend.py; do not edit by hand.",
    ]
    for package in PACKAGES:
        lines += [
            "",
            "[[package]]",
            f'name = "{package.name}"',
            f'version = "{package.version}"',
            'licence = "MIT"',
            f'copyright = "{package.holder}"',
            'changed = "font, crown and crest removed; image addresses made relative; source maps left out"',
            "[package.sha256]",
        ]
        lines += [
            f'"{path}" = "{hashlib.sha256(data).hexdigest()}"' for path, data in made[package.name].items()
        ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would differ")
    asked = parser.parse_args(arguments)
    made = {package.name: shipped(package) for package in PACKAGES}
    wanted = {path: data for files in made.values() for path, data in files.items()}
    wanted[MANIFEST] = manifest(made).encode()
    differs = [
        path
        for path, data in wanted.items()
        if not (VENDOR / path).is_file() or (VENDOR / path).read_bytes() != data
    ]
    if asked.check:
        sys.stdout.write("".join(f"would change: {path}\n" for path in differs) or "all files are as made\n")
        return 1 if differs else 0
    for path, data in wanted.items():
        (VENDOR / path).parent.mkdir(parents=True, exist_ok=True)
        (VENDOR / path).write_bytes(data)
    sys.stdout.write(f"{len(wanted)} files, {len(differs)} changed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
