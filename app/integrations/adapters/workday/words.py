"""Where our fields stand in what Workday sends. SOAP elements are names, attributes begin with `@`, their text is `#text`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from app.integrations.sync.mapping import Codes, Const, Fields, Raw, at
from app.integrations.sync.records import Employment

_YES = ("1", "true")


def _id(kind: str = "WID") -> str:
    return f'ID[?"@type"==\'{kind}\'] | [0]."#text"'


def id_of(reference: str, kind: str = "WID") -> str:
    """The path of one of the ids of a reference."""
    return f"{reference}.{_id(kind)}"


def _used_for(items: str, usage: str) -> str:
    """The path of the first address, phone or e-mail that is for WORK or HOME."""
    return f"{items}[?contains(Usage_Data[].Type_Data[].Type_Reference.ID[].\"#text\" || `[]`, '{usage}')] | [0]"


def day(path: str) -> Callable[[Raw], date | None]:
    """A date; Workday may write a zone behind it, which a day has none of."""

    def found(raw: Raw) -> date | None:
        text = at(raw, path)
        return date.fromisoformat(text[:10]) if text else None

    return found


_STATUS = "Worker_Data.Employment_Data.Worker_Status_Data"
_JOB = "Worker_Data.Employment_Data.Worker_Job_Data[?\"@Primary_Job\"=='1'] | [0].Position_Data"
_PERSON = "Worker_Data.Personal_Data"
_NAME = f"{_PERSON}.Name_Data.Legal_Name_Data.Name_Detail_Data"
_HOME = _used_for(f"{_PERSON}.Contact_Data.Address_Data", "HOME")
_MORE = f"{_PERSON}.Personal_Information_Data"


def employment_of(raw: Raw) -> Employment:
    """How it is today, by Workday's own view of today. Somebody hired for a later day is not active yet, and nobody is by default."""
    status = at(raw, _STATUS) or {}
    if status.get("Terminated") in _YES or status.get("Hire_Rescinded") in _YES:
        return Employment.TERMINATED
    if any(leave.get("On_Leave") in _YES for leave in status.get("Leave_Status_Data", [])):
        return Employment.LEAVE
    if status.get("Active") in _YES:
        return Employment.ACTIVE
    return Employment.ONBOARDING if status.get("Active") and status.get("Hire_Date") else Employment.UNKNOWN


def last_day_of(raw: Raw) -> date | None:
    """Of this employment: Workday tells the most recent one, also of somebody who came back since."""
    ended, hired = day(f"{_STATUS}.Termination_Date")(raw), day(f"{_STATUS}.Hire_Date")(raw)
    return None if ended and hired and ended < hired else ended


def region_of(raw: Raw) -> str | None:
    """`USA-CA` is CA."""
    found: Any = at(raw, f"{_HOME}.{id_of('Country_Region_Reference', 'Country_Region_ID')}")
    return str(found).rpartition("-")[2] if found else None


WORKER_KEY = id_of("Worker_Reference")
WORKER: Fields = {
    "employee_number": "Worker_Data.Worker_ID",
    "first_name": f"{_NAME}.First_Name",
    "middle_name": f"{_NAME}.Middle_Name",
    "last_name": f"{_NAME}.Last_Name",
    "work_email": f"{_used_for(f'{_PERSON}.Contact_Data.Email_Address_Data', 'WORK')}.Email_Address",
    "phone": f"{_used_for(f'{_PERSON}.Contact_Data.Phone_Data', 'WORK')}.\"@Workday_Traditional_Formatted_Phone\"",
    "date_of_birth": day(f"{_PERSON}.Birth_Date || {_MORE}.Birth_Date"),
    "ssn": (
        f"{_PERSON}.Identification_Data.National_ID[?contains(National_ID_Data.ID_Type_Reference.ID[].\"#text\" || `[]`, 'USA-SSN')]"
        " | [0].National_ID_Data.ID | [0]"
    ),
    "gender": Codes(id_of(f"{_PERSON}.Gender_Reference", "Gender_Code"), {"Male": "male", "Female": "female"}),
    "address_line1": f"{_HOME}.Address_Line_Data[?\"@Type\"=='ADDRESS_LINE_1'] | [0].\"#text\"",
    "address_line2": f"{_HOME}.Address_Line_Data[?\"@Type\"=='ADDRESS_LINE_2'] | [0].\"#text\"",
    "city": f"{_HOME}.Municipality",
    "state": region_of,
    "zip_code": f"{_HOME}.Postal_Code",
    "country": f"{_HOME}.{id_of('Country_Reference', 'ISO_3166-1_Alpha-2_Code')}",
    "status": employment_of,
    "hired_on": day(f"{_STATUS}.Hire_Date"),
    "terminated_on": last_day_of,
    "termination_reason": id_of(f"{_STATUS}.Primary_Termination_Reason_Reference", "Event_Classification_Subcategory_ID"),
    "employment_type": Codes(
        f"{_JOB}.{id_of('Position_Time_Type_Reference', 'Position_Time_Type_ID')}",
        {"Full_time": "full_time", "Part_time": "part_time"},
    ),
    "weekly_hours": f"{_JOB}.Scheduled_Weekly_Hours",
    "annual_salary": "Worker_Data.Compensation_Data.Employee_Compensation_Summary_Data.Annualized_Summary_Data.Total_Base_Pay",
    "job_title": f"{_JOB}.Business_Title",
    "department": (
        "Worker_Data.Organization_Data.Worker_Organization_Data"
        "[?contains(Organization_Data.Organization_Type_Reference.ID[].\"#text\" || `[]`, 'SUPERVISORY')]"
        f" | [0].{id_of('Organization_Reference')}"
    ),
    "manager": f"{_JOB}.Manager_as_of_last_detected_manager_change_Reference | [0].{_id()}",
}  # fmt: skip

# The others come from SOAP or from REST (`id`, `name`, `code`): one path for both.
ORGANIZATION_KEY = f"id || ({id_of('Organization_Reference')})"
ORGANIZATION: Fields = {
    "name": "name || Organization_Data.Name",
    "code": "code || Organization_Data.Organization_Code || Organization_Data.Reference_ID",
    "parent": id_of("Organization_Data.Hierarchy_Data.Superior_Organization_Reference"),
}

JOB_PROFILE_KEY = f"id || ({id_of('Job_Profile_Reference')})"
JOB_PROFILE: Fields = {
    "name": "name || Job_Profile_Data.Job_Profile_Basic_Data.Job_Title",
    "code": "Job_Profile_Data.Job_Code",
}

LEAVE_KEY = id_of("Leave_Request_Event_Reference")
LEAVE: Fields = {
    "employee": WORKER_KEY,
    "starts_on": day("Leave_Start_Date"),
    "ends_on": day("Leave_End_Date || Estimated_Leave_End_Date"),
    "kind": id_of("Leave_of_Absence_Type_Reference", "Leave_of_Absence_Type_ID"),
    "approved": Const(True),  # what is only asked for is not in a worker's status
}
