"""Zendesk's words, and the fields that its ticket events have."""

from __future__ import annotations

from pipeline.producers.adapters.pushed.desk import OPEN, PENDING, RESOLVED

TYPE_PREFIX = "zen:event-type:ticket."
KNOWN_VERSION = "2022-11-06"
STATUSES = {
    "new": OPEN,
    "open": OPEN,
    "pending": PENDING,
    "hold": PENDING,
    "solved": RESOLVED,
    "closed": RESOLVED,
    "archived": RESOLVED,
    "deleted": RESOLVED,
}
PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
#: A form on a web page is answered by email.
CHANNELS = {
    **dict.fromkeys(("email", "mail", "web", "web_form", "web_widget", "help_center", "closed_ticket"), "email"),
    **dict.fromkeys(("chat", "chat_transcript"), "chat"),
    **dict.fromkeys(("native_messaging", "messaging", "whatsapp", "telegram", "line", "viber", "wechat"), "messaging"),
    **dict.fromkeys(("facebook", "twitter", "twitter_dm", "instagram_dm", "any_channel"), "social"),
    **dict.fromkeys(("sms", "text_message", "twilio_sms"), "sms"),
    **dict.fromkeys(("voice", "phone_call_inbound", "phone_call_outbound", "voicemail"), "voice"),
}
OTHER_CHANNEL = "work_item"
#: Events whose ``detail`` is what the ticket is after them.
SNAPSHOTS = frozenset(
    """created status_changed custom_status_changed agent_assignment_changed group_assignment_changed priority_changed
    tags_changed merged soft_deleted undeleted marked_as_spam""".split()
)
#: Known, and no part of a ticket's story.
SILENT = frozenset(
    """attachment_linked_to_comment attachment_redacted_from_comment brand_changed comment_made_private comment_redacted
    custom_field_changed description_changed email_ccs_changed external_id_changed followers_changed form_changed
    organization_changed permanently_deleted problem_link_changed requester_changed subject_changed submitter_changed
    task_due_at_changed type_changed ticket_type_changed csat_received csat_requested next_sla_breach_changed
    ola_policy_changed sla_policy_changed schedule_changed""".split()
)
KNOWN_FIELDS = frozenset("type account_id id time zendesk_event_version subject detail event".split())
