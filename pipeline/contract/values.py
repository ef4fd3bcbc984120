"""The kinds of single values that the contract knows, each with its limits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta

#: Longest identifier a producer may use, in characters.
MAX_IDENTIFIER_CHARS = 200

#: No control characters: an identifier is shown on boards, in logs and in file paths.
PLAIN_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+(?!\n)$"
# For msgspec the pattern is only what the schemas say; ``plain_text`` holds code to it. As a pattern of msgspec's it
# took half of the time of decoding an event: some 5,000 instructions for each of its half a dozen identifiers.
Identifier = Annotated[
    str, Meta(min_length=1, max_length=MAX_IDENTIFIER_CHARS, extra_json_schema={"pattern": PLAIN_PATTERN})
]
Word = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[a-z][a-z0-9_]*(?!\n)$",
        description="A lower-case word, such as 'break' or 'no_answer'.",
    ),
]
Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?(?!\n)$",
        max_length=18,
        description="A decimal amount of money as a string, at most four decimal places.",
        examples=["19.90"],
    ),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$", description="ISO 4217 code.", examples=["EUR"])]
Direction = Literal["inbound", "outbound", "internal"]
AgentState = Annotated[
    Literal["available", "on_contact", "wrap_up", "break", "unavailable"],
    Meta(description="What the agent does: occupancy counts on_contact and wrap_up against available."),
]
Language = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*(?!\n)$",
        max_length=35,
        description="A language by its BCP 47 tag.",
        examples=["de", "pt-BR"],
    ),
]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Day = Annotated[date, Meta(description="A calendar day, YYYY-MM-DD.")]
#: Small whole numbers: a tier, a score, a quantity. Well inside of what every system can hold.
Whole = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Milliseconds = Annotated[int, Meta(ge=0, le=10_000_000_000)]
#: A source that sends the same record again with better values numbers its versions. Of a segment only the events of
#: its highest revision count: they say everything of it anew.
Revision = Annotated[
    int,
    Meta(
        ge=0,
        le=2**53,
        description="Version of the source's record. Of a segment only events of its highest revision count.",
    ),
]
