"""``make words``: writes new texts into the files of messages and lists what is missing or shown without ``say``."""

from __future__ import annotations

import sys

from dashboards.look import viewer
from dashboards.messages import extract, files


def main(arguments: list[str]) -> int:
    """``--check`` writes nothing; a language's code begins its file. 1 if something is missing, else 0."""
    found = extract.texts()
    faults = extract.unsaid()
    chosen = [argument for argument in arguments if not argument.startswith("-")]
    for language in chosen or viewer.languages()[1:]:
        path = viewer.MESSAGES / f"{language}.po"
        if "--check" not in arguments:
            print(f"{path.name}: {files.update(path, found)} new")
        faults += [f"{path.name}: {fault}" for fault in files.faults(files.read(path), found)]
    print(*faults, sep="\n") if faults else print("every text has a message in every language")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
