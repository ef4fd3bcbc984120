"""The list of adapters under the help of a command, made when the help is asked for: no other command waits for it."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class ListsAdapters(TyperCommand):
    """A command whose help ends with every adapter and an example of its use."""

    live_only = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the list."""
        self.epilog = adapter_list(self.live_only)
        super().format_help(ctx, formatter)


class ListsLiveAdapters(ListsAdapters):
    """A command whose help ends with the adapters that can follow a running source."""

    live_only = True


def adapter_list(live_only: bool = False) -> str:
    """The adapters, a paragraph each with name and description, and one with the example."""
    from rich.markup import escape

    from pipeline.producers.adapters import adapters

    paragraphs = []
    for each in adapters().values():
        if each.live is not None or not live_only:
            example = each.live_example if live_only and each.live_example else each.example
            paragraphs += [f"[bold]{each.name}[/bold]: {escape(each.description)}", f"  {escape(example)}"]
    return "\n\n".join(["Adapters:", *paragraphs])
