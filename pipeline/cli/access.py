"""``callboard access``: who may see what on the board, checked; and tokens for screens without anybody at them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.console import out, say

app = typer.Typer(
    no_args_is_help=True,
    help="""
    Who may see what on the board, in a file (setting access_file).

    Each rule matches people as the sign-in provider describes them, and gives them a role and clients. The first rule
    that matches decides; whom none matches is not let in. The board notices a change of the file at once.
    """,
)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="The YAML file.", show_default=False)]) -> None:
    """Say everything that is wrong with a file, each with its line and what to do. Exit code 1 if anything is.

    callboard access check access.yaml
    """
    from dashboards.access.policy import AccessFileError
    from dashboards.access.policy_file import read_policy

    try:
        policy = read_policy(file)
    except AccessFileError as error:
        for line in error.lines():
            say(line)
        raise
    table = Table("who", "role", "clients", "sites", "teams")
    for rule in policy.people:
        table.add_row(escape(rule.match.text), rule.role.value, *map(_named, (rule.clients, rule.sites, rule.teams)))
    for kiosk in policy.kiosks:
        name = escape(f"kiosk {kiosk.name}")
        table.add_row(name, "wall", *map(_named, (kiosk.clients, kiosk.sites, kiosk.teams)))
    out.print(table)
    say(f"{file} is valid: {policy.summary()}")


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Which screen it is for, such as 'North wall'.", show_default=False)],
    address: Annotated[str, typer.Option(help="The board's address as the screen calls it.")] = "http://127.0.0.1:8501",
) -> None:
    """Make a token that opens the wall on a screen without signing in. It is shown once and kept nowhere.

    callboard access token "North wall" --address https://board.example.org
    """
    from dashboards.access.policy import fingerprint, new_token

    made = new_token()
    say("put this under 'kiosks:' of the access file, and name the clients that the screen shows:")
    # A JSON string is a YAML one.
    out.print(f"  - name: {_quoted(name)}", markup=False, soft_wrap=True)
    out.print(f"    token_sha256: {fingerprint(made)}", markup=False, soft_wrap=True)
    out.print("    clients: []", markup=False, soft_wrap=True)
    say("then open this address on the screen; whoever has it sees the wall, so keep it as a password:")
    out.print(f"{address.rstrip('/')}/wall?kiosk={made}", markup=False, soft_wrap=True)


def _quoted(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)


def _named(names: tuple[str, ...] | None) -> str:
    return "all" if names is None else escape(", ".join(names))
