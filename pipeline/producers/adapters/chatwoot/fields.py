"""Chatwoot's words, and the fields that its webhooks have."""

from __future__ import annotations

from pipeline.producers.adapters.pushed.desk import BOT, OPEN, PENDING, RESOLVED

CHANNELS = {
    "Channel::WebWidget": "chat",
    "Channel::Api": "messaging",
    "Channel::Email": "email",
    "Channel::Whatsapp": "messaging",
    "Channel::Telegram": "messaging",
    "Channel::Line": "messaging",
    "Channel::FacebookPage": "social",
    "Channel::Instagram": "social",
    "Channel::TwitterProfile": "social",
    "Channel::Tiktok": "social",
    "Channel::Sms": "sms",
    "Channel::TwilioSms": "sms",
    "Channel::Voice": "voice",
}
#: Chatwoot gives a conversation to a bot by making it pending.
STATUSES = {"open": OPEN, "pending": BOT, "snoozed": PENDING, "resolved": RESOLVED}
STATUS_NUMBERS = ("open", "resolved", "pending", "snoozed")
PRIORITIES = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
#: Message types, which some versions send by number.
MESSAGE_TYPES = ("incoming", "outgoing", "activity", "template")
CONVERSATION_EVENTS = frozenset({"conversation_created", "conversation_updated", "conversation_status_changed"})
MESSAGE_EVENTS = frozenset({"message_created", "message_updated"})
#: Known, and no part of a conversation's story.
SILENT = frozenset(
    """webwidget_triggered contact_created contact_updated contact_deleted inbox_created inbox_updated
    conversation_typing_on conversation_typing_off conversation_contact_changed first_reply_created reply_created
    conversation_opened conversation_resolved""".split()
)
CONVERSATION_FIELDS = frozenset(
    """event id account account_id inbox_id channel status can_reply contact_inbox messages labels meta
    custom_attributes additional_attributes snoozed_until unread_count first_reply_created_at priority waiting_since
    agent_last_seen_at contact_last_seen_at last_activity_at timestamp created_at updated_at changed_attributes uuid
    applied_sla sla_events performer team_id assignee_id display_id last_non_activity_message muted
    assignee_last_seen_at applied_sla_id call_status inbox team assignee_type""".split()
)
MESSAGE_FIELDS = frozenset(
    """event id content content_type content_attributes message_type created_at updated_at private source_id
    external_source_ids sender sender_type sender_id contact conversation account inbox attachments
    additional_attributes status processed_message_content sentiment conversation_id account_id inbox_id echo_id
    changed_attributes""".split()
)
