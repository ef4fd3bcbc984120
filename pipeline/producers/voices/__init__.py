"""Voices: objects that say events, one method for each kind, typed as the contract has it."""

from __future__ import annotations

from pipeline.producers.voices.agents import AgentVoice
from pipeline.producers.voices.details import DetailVoice
from pipeline.producers.voices.segments import SegmentVoice
from pipeline.producers.voices.systems import SystemVoice

__all__ = ["AgentVoice", "ContactVoice", "SystemVoice"]


class ContactVoice(SegmentVoice, DetailVoice):
    """One contact: its way through the queues, and what else is said of it."""
