"""TaskRouter's verbs and fields: what each is in a story, and which are known and say nothing of one."""

from __future__ import annotations

#: Verb to fact. At one moment facts go in this order.
FACTS = {
    "task.created": "created",
    "task-queue.timeout": "timeout",
    "workflow.timeout": "timeout",
    "task.transfer-initiated": "transfer",
    "task.transfer-failed": "transfer_failed",
    "task.transfer-canceled": "transfer_failed",
    "task-queue.entered": "entered",
    "reservation.created": "offered",
    "reservation.rejected": "declined",
    "reservation.timeout": "declined",
    "reservation.canceled": "declined",
    "reservation.rescinded": "declined",
    "reservation.failed": "declined",
    "reservation.accepted": "accepted",
    "task.updated": "updated",
    "reservation.wrapup": "wrapup",
    "task.wrapup": "task_wrapup",
    "reservation.completed": "completed",
    "task.completed": "task_completed",
    "task.canceled": "task_canceled",
}
PLACES = {verb: place for place, verb in enumerate(FACTS)}
#: Why an agent did not take a task, by verb.
DECLINED = {
    "reservation.rejected": "declined",
    "reservation.timeout": "no_answer",
    "reservation.canceled": "cancelled",
    "reservation.rescinded": "taken_by_another",
    "reservation.failed": "failed",
}
#: Known, and no part of a contact's story.
SILENT = frozenset(
    """task.deleted task.system-deleted task.transfer-completed task.transfer-attempt-failed task.re-evaluated
    task-queue.created task-queue.deleted task-queue.moved task-queue.expression.updated task-queue.updated
    workflow.created workflow.updated workflow.deleted workflow.entered workflow.target-matched workflow.skipped
    workspace.created workspace.updated workspace.deleted worker.created worker.attributes.update
    worker.capacity.update worker.channel.availability.update activity.created activity.updated activity.deleted
    com.twilio.eventstreams.test-event""".split()
)
CHANNELS = {
    "voice": "voice",
    "video": "video",
    "chat": "chat",
    "webchat": "chat",
    "sms": "sms",
    "email": "email",
    "fax": "fax",
    "whatsapp": "messaging",
    "messaging": "messaging",
    "facebook": "social",
    "callback": "voice",
    "voicemail": "voice",
    "default": "work_item",
}
#: Fields of the reference and of Event Streams' schema, in the form of ``Record.fields``.
KNOWN_FIELDS = frozenset(
    """sid eventtype eventdescription accountsid parentaccountsid workspacesid workspacename resourcetype resourcesid
    timestamp timestampms eventdate eventdatems description actortype actorsid actorurl resourceurl source
    sourceipaddress url links
    tasksid taskage taskageinqueue taskpriority taskattributes taskassignmentstatus taskdatecreated taskversion
    taskcanceledreason taskcompletedreason taskcancelledreason taskreevaluatedreason taskroutingtarget reason
    taskchannelsid taskchanneluniquename taskchannelname taskchanneldeferred taskchanneloptionalsid
    taskqueuesid taskqueuename taskqueuetargetexpression taskqueueentereddate previoustaskqueuesid
    previoustaskqueuename previoustaskpriority targetchangedreason tasktransfersid taskdateupdated
    transfertype transferinitiatingworkersid transferinitiatingreservationsid transferto transfermode transferstarted
    transferfailedreason transferstatus transfersid transferaccepted transfercompleted
    workflowsid workflowname workflowfiltername workflowfilterexpression workflowfiltertargetexpression
    workflowfiltertargetname workflowruletargetsid
    workersid workername workeractivitysid workeractivityname workerattributes workerpreviousactivitysid
    workerpreviousactivityname workertimeinpreviousactivity workertimeinpreviousactivityms workerversion
    workerchannelavailable workerchannelavailablecapacity workerchannelcapacity workerchannelpreviouscapacity
    workerchanneltaskcount workerchannelsid workerchannelname workerchanneluniquename workerchanneloptionalsid
    workerchannelconsumedcapacity workerchannelassignedtasks workerchannellastreserveddate
    reservationsid reservationstatus reservationversion reservationreasoncode
    activitysid activityname activityavailable knownworkersid operatingunitsid operatingunitfriendlyname
    virtualstarttime ignorecapacity bridge""".split()
)
