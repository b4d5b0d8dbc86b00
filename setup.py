"""Builds the optional extension modules; everything else about the package is in pyproject.toml.

The modules named in ``src/longwire/link/hot.py`` are compiled by Cython from the very Python
files that are shipped beside them. Where that cannot be done (no C compiler, no headers), the
installation goes on without: longwire then runs those Python files. ``LONGWIRE_PURE=1`` asks for
that from the start.
"""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from textwrap import shorten
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

SOURCES = Path("src")
HOT: dict[str, Any] = runpy.run_path(str(SOURCES / "longwire" / "link" / "hot.py"))
HOT_NAMES = [f"{HOT['PACKAGE']}.{name}" for name in HOT["HOT_MODULES"]]

WARNING = """\
WARNING: longwire is being installed without its compiled modules ({reason}).
         It works all the same, with fewer messages per second. For full speed install
         a C compiler and the headers of Python {version}, then install longwire again.
"""


def extensions() -> list[Extension]:
    """The extension modules to try; none where the environment asks for pure Python."""
    if HOT["pure_wanted"]():
        return []
    sources = {name: SOURCES.joinpath(*name.split(".")) for name in HOT_NAMES}
    return [
        Extension(name, [source.with_suffix(".py").as_posix()]) for name, source in sources.items()
    ]


def remove_from_sources() -> None:
    """Remove what an earlier editable installation compiled: Python would prefer it."""
    for name in HOT_NAMES:
        *folders, stem = name.split(".")
        folder = SOURCES.joinpath(*folders)
        for old in (*folder.glob(f"{stem}.*so"), *folder.glob(f"{stem}.*pyd")):
            old.unlink()


class PureBuild(build_py):
    """Collects the Python files."""

    def run(self) -> None:
        """Collect them; an editable installation without extensions must not find old ones."""
        super().run()
        if self.editable_mode and not self.distribution.has_ext_modules():
            remove_from_sources()


class OptionalBuild(build_ext):
    """Compiles all the extension modules, or none of them and says why, once."""

    def run(self) -> None:
        """Compile; never fail."""
        try:
            self.translate()
            super().run()
        except Exception as error:
            self.fall_back(error)

    def translate(self) -> None:
        """Turn the Python files into C, below the build folder."""
        from Cython.Build import cythonize  # noqa: PLC0415  # a missing Cython must not end the build

        translated = cythonize(
            self.extensions,
            build_dir=str(Path(self.build_temp, "cython")),
            language_level=3,
            quiet=True,
        )
        for extension, made in zip(self.extensions, translated, strict=True):
            extension.sources = made.sources

    def build_extensions(self) -> None:
        """Compile with full optimisation, for any machine of this architecture."""
        level = "/O2" if self.compiler.compiler_type == "msvc" else "-O3"
        for extension in self.extensions:
            extension.extra_compile_args = [level]
        # One compiler for each core: they take most of the time of an installation.
        self.parallel = self.parallel or os.cpu_count()
        super().build_extensions()

    def fall_back(self, error: Exception) -> None:
        """Leave no compiled module, not even some of them or those of an earlier build; warn."""
        for extension in self.extensions:
            name = self.get_ext_filename(self.get_ext_fullname(extension.name))
            Path(self.build_lib, name).unlink(missing_ok=True)
        if self.inplace or self.editable_mode:
            remove_from_sources()
        self.extensions = []
        reason = shorten(str(error), width=90, placeholder=" ...") or type(error).__name__
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(WARNING.format(reason=reason, version=version), file=sys.stderr, flush=True)


setup(ext_modules=extensions(), cmdclass={"build_py": PureBuild, "build_ext": OptionalBuild})
