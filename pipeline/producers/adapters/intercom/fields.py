"""Intercom's words."""

from __future__ import annotations

from pipeline.producers.adapters.pushed.desk import OPEN, PENDING, RESOLVED

STATES = {"open": OPEN, "snoozed": PENDING, "closed": RESOLVED}
CHANNELS = {
    "conversation": "chat",
    "push": "chat",
    "email": "email",
    "facebook": "social",
    "instagram": "social",
    "twitter": "social",
    "sms": "sms",
    "whatsapp": "messaging",
    "phone_call": "voice",
    "phone_switch": "voice",
}
#: What a part of a conversation does to its status.
STATUS_OF_PART = {"close": RESOLVED, "open": OPEN, "snoozed": PENDING, "unsnoozed": OPEN, "timer_unsnooze": OPEN}
ASSIGNMENTS = frozenset({"assignment", "assign_and_reopen", "assign_and_unsnooze", "default_assignment"})
REOPENING = {"assign_and_reopen": OPEN, "note_and_reopen": OPEN, "assign_and_unsnooze": OPEN}
COMMENTS = frozenset({"comment", "quick_reply"})
#: Known, and no part of a conversation's story.
SILENT_PARTS = frozenset(
    """note note_and_reopen participant_added participant_removed conversation_attribute_updated_by_admin
    conversation_attribute_updated_by_user conversation_attribute_updated_by_workflow custom_action_started
    custom_action_finished language_detection_details fin_guidance_applied sla_applied ticket_state_updated_by_admin
    operator_workflow_event message_strategy_applied attribute_collector away_mode_assignment
    channel_and_reply_time_expectation conversation_rating_changed conversation_rating_remark_added
    priority_changed title_changed""".split()
)
SENDERS = {
    **dict.fromkeys(("user", "lead", "contact", "visitor"), "customer"),
    **dict.fromkeys(("admin", "teammate"), "agent"),
    **dict.fromkeys(("bot", "operator"), "bot"),
    "team": "system",
}
#: Topics that are known, and tell nothing of conversations or agents.
SILENT_TOPICS = (
    "ping",
    "contact.",
    "user.",
    "visitor.",
    "company.",
    "event.",
    "ticket.",
    "conversation_part.",
    "lead.",
)
DELETED_TOPICS = frozenset({"conversation.deleted"})
NOTIFICATION_FIELDS = frozenset(
    """type app_id data links id topic delivery_status delivery_attempts delivered_at first_sent_at created_at self
    metadata""".split()
)
PART_COLUMNS = frozenset({"id", "conversation_id", "part_type", "author_type", "created_at"})
CONVERSATION_COLUMNS = frozenset({"id", "state", "created_at", "updated_at"})
