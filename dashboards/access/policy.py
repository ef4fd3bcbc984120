"""access.yaml: who may see what, as typed and frozen models, and everything that is wrong with a file by its line.

The first rule that matches decides; somebody whom none matches is not let in. ``clients`` has no default: who sees all
clients has ``all`` written down.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.functional_validators import AfterValidator, BeforeValidator

from dashboards.access.people import Person, Role
from dashboards.access.scope import Scope
from pipeline.centre.fields import Name, wrong
from pipeline.centre.messages import message_of, path_of
from pipeline.centre.problems import CentreFileError, Problem
from pipeline.centre.tree import read_tree

EVERYTHING = "all"
_TOKEN_BYTES = 32
_SHA256_HEX_CHARS = 64

Claims = Mapping[str, Any]


class AccessFileError(CentreFileError):
    """A file is no valid access.yaml. ``problems`` has all that is wrong with it, by line."""


def _names(value: Any) -> Any:
    if value == EVERYTHING:
        return None
    if isinstance(value, str):
        raise wrong(f"'{value}' must be a list of names, such as [{value}], or the word {EVERYTHING}")
    if value is None or value == []:
        raise wrong(f"names nothing; list names, or write {EVERYTHING}")
    if isinstance(value, list) and EVERYTHING in value:
        raise wrong(f"has {EVERYTHING} among names; write {EVERYTHING} alone, without brackets, or only names")
    return value


def _role(value: Any) -> Any:
    known = [role.value for role in Role]
    if not isinstance(value, str) or value not in known:
        raise wrong(f"'{value}' is no role; give one of {', '.join(known)}")
    return value


def _sha256(value: str) -> str:
    if len(value) != _SHA256_HEX_CHARS or set(value) - set("0123456789abcdef"):
        raise wrong("is no SHA-256 of a token; 'callboard access token NAME' makes a token and prints this line")
    return value


def _version(value: Any) -> Any:
    if value != "1":
        raise wrong(f"'{value}' is no version of this file that is known here; write 'version: 1'")
    return value


#: Names; None is all, which must be written down.
Names = Annotated[tuple[Name, ...] | None, BeforeValidator(_names)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Match(_Model):
    """Whom a rule is for: exactly one of the three."""

    email: Name | None = Field(None, description="The address that the provider has verified; case does not matter.")
    group: Name | None = Field(None, description="A group of the provider's, among those of `groups_claim`.")
    claim: dict[str, Name] | None = Field(None, description="Claims of the provider and their values; all must fit.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(bool(each) for each in (self.email, self.group, self.claim)) != 1:
            raise wrong("says nobody, or says it twice; give one of email, group and claim")
        return self

    @property
    def text(self) -> str:
        """Whom it is for, in a line."""
        if self.email is not None or self.group is not None:
            return f"email {self.email}" if self.email is not None else f"group {self.group}"
        return ", ".join(f"{name} {value}" for name, value in (self.claim or {}).items())

    def fits(self, claims: Claims, groups_claim: str) -> bool:
        """Whether these are the claims of somebody meant."""
        if self.email is not None:
            # An address that its owner has only typed in proves nothing. Not all providers say so.
            verified = str(claims.get("email_verified", True)).lower() == "true"
            return verified and str(claims.get("email", "")).casefold() == self.email.casefold()
        if self.group is not None:
            return self.group in _values(claims, groups_claim)
        return all(value in _values(claims, name) for name, value in (self.claim or {}).items())


def _values(claims: Claims, name: str) -> list[str]:
    """What a claim says, as text; ``realm_access.roles`` is ``roles`` within ``realm_access``."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list | tuple) else [] if found is None else [found]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


class _Bounds(_Model):
    clients: Names = Field(description="Clients that are seen, or `all`.")
    sites: Names = Field(None, description="Sites that are seen; all if not given.")
    teams: Names = Field(None, description="Teams that are seen; all if not given.")

    @property
    def scope(self) -> Scope:
        """The bounds as a scope."""
        return Scope.of(self.clients, self.sites, self.teams)


class Rule(_Bounds):
    """What those whom it matches are here for, and what they see."""

    match: Match = Field(description="Whom it is for.")
    role: Annotated[Role, BeforeValidator(_role)] = Field(description="What they are here for.")
    name: Name | None = Field(None, description="What they are called here; else as the provider says.")


class Kiosk(_Bounds):
    """A screen without anybody at it. Only the fingerprint of its token is kept."""

    name: Name = Field(description="Which screen.")
    token_sha256: Annotated[str, AfterValidator(_sha256)] = Field(description="SHA-256 of its token, in hexadecimal.")


class Policy(_Model):
    """The file as a whole."""

    version: Annotated[Literal["1"], BeforeValidator(_version)] = Field(description="1.")
    people: tuple[Rule, ...] = Field((), description="Rules, the first that matches decides.")
    kiosks: tuple[Kiosk, ...] = Field((), description="Screens that open the wall with a token.")
    groups_claim: Name = Field("groups", description="The provider's claim that lists a person's groups.")
    session_hours: float = Field(10, gt=0, le=24 * 30, description="So long after signing in one must do it again.")

    @model_validator(mode="after")
    def _kiosks_apart(self) -> Self:
        for what in ("name", "token_sha256"):
            found = [getattr(kiosk, what) for kiosk in self.kiosks]
            if len(set(found)) != len(found):
                raise wrong(f"has two kiosks with the same {what}; give each its own")
        return self

    def rule_for(self, claims: Claims) -> Rule | None:
        """The rule for somebody with these claims; None: the board does not know them."""
        return next((rule for rule in self.people if rule.match.fits(claims, self.groups_claim)), None)

    def kiosk(self, token: str) -> Person | None:
        """Who looks with this token; None: it is none. Takes as long whichever it is."""
        given, found = fingerprint(token), None
        for kiosk in self.kiosks:
            if hmac.compare_digest(kiosk.token_sha256, given):
                found = Person(kiosk.name, Role.WALL, kiosk.scope)
        return found

    def summary(self) -> str:
        """Counts, for a person."""
        return f"rules: {len(self.people)}, kiosks: {len(self.kiosks)}, a session lasts {self.session_hours:g} h"


def parse_policy(content: bytes, file: str = "access.yaml") -> Policy:
    """The policy that a file's ``content`` says; ``file`` is its name in messages.

    Raises:
        AccessFileError: it is not valid; the error has all problems, each with its line.
    """
    tree = read_tree(content)
    problems, policy = list(tree.problems), None
    if tree.data is not None:
        try:
            policy = Policy.model_validate(tree.data)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                path = path_of(each)
                problems.append(Problem(tree.line_of(path), path, message_of(each, Policy)))
    if policy is None or problems:
        raise AccessFileError(file, problems)
    return policy


def new_token() -> str:
    """A token for a kiosk that nobody can guess."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def fingerprint(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
