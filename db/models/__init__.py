"""The tables, a file for each. Rows are named after their table: `models.Team`."""

from db.models.admission_window import AdmissionWindow
from db.models.api_key import ApiKey
from db.models.base import Base
from db.models.chat_session import ChatSession
from db.models.message import Message
from db.models.team import Team
from db.models.team_revision import TeamRevision
from db.models.usage_log import UsageLog
from db.models.usage_total import UsageTotal

__all__ = [
    "AdmissionWindow",
    "ApiKey",
    "Base",
    "ChatSession",
    "Message",
    "Team",
    "TeamRevision",
    "UsageLog",
    "UsageTotal",
]
