"""The columns of VICIDIAL's tables that are known, over its versions: any other one is noticed, and read past."""

from __future__ import annotations

from collections.abc import Mapping

_CALL = (
    "lead_id list_id campaign_id call_date start_epoch end_epoch length_in_sec status phone_code phone_number user "
    "comments processed user_group term_reason uniqueid called_count"
)
_NAMES = {
    "vicidial_log": f"{_CALL} alt_dial",
    "vicidial_closer_log": f"{_CALL} closecallid queue_seconds xfercallid agent_only queue_position",
    "vicidial_agent_log": (
        "agent_log_id user server_ip event_time lead_id campaign_id pause_epoch pause_sec wait_epoch wait_sec "
        "talk_epoch talk_sec dispo_epoch dispo_sec status user_group comments sub_status dead_epoch dead_sec "
        "processed uniqueid pause_type"
    ),
    "vicidial_user_log": (
        "user_log_id user event campaign_id event_date event_epoch user_group session_id server_ip extension "
        "computer_ip browser data phone_login server_phone phone_ip webserver login_url browser_width browser_height"
    ),
}
COLUMNS: Mapping[str, frozenset[str]] = {table: frozenset(names.split()) for table, names in _NAMES.items()}
