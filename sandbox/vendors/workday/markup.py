"""What the Workday stand-in writes: workers, organizations and job profiles as elements, answers and faults as envelopes."""

from __future__ import annotations

from html import escape
from typing import Any

from sandbox.vendors.workday.people import ORGANIZATIONS, PROFILES, wid

_OPEN = '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>'
_CLOSE = "</env:Body></env:Envelope>"


def element(name: str, *inner: str) -> str:
    return f"<wd:{name}>{''.join(inner)}</wd:{name}>"


def text(name: str, value: Any) -> str:
    """Nothing for what is not known."""
    shown = {True: "1", False: "0"}.get(value, value) if isinstance(value, bool) else value
    return element(name, escape(str(shown))) if shown != "" else ""


def reference(name: str, kind: str, number: str, **ids: str) -> str:
    if not number:
        return ""
    more = "".join(f'<wd:ID wd:type="{type_}">{escape(value)}</wd:ID>' for type_, value in ids.items())
    return element(name, f'<wd:ID wd:type="WID">{wid(kind, number)}</wd:ID>{more}')


def usage(kind: str) -> str:
    ids = (
        f'<wd:ID wd:type="WID">{wid("usage", kind)}</wd:ID><wd:ID wd:type="Communication_Usage_Type_ID">{kind}</wd:ID>'
    )
    return f'<wd:Usage_Data wd:Public="1"><wd:Type_Data wd:Primary="1">{element("Type_Reference", ids)}</wd:Type_Data></wd:Usage_Data>'


def worker(number: str, facts: dict[str, Any], parts: set[str]) -> str:
    """facts: as of a day. parts: the sections that were asked for."""
    told = [text("Worker_ID", f"E{number}")]
    if "Include_Personal_Information" in parts:
        told.append(_personal(facts))
    if "Include_Employment_Information" in parts:
        told.append(element("Employment_Data", _job(facts), _status(number, facts)))
    if "Include_Compensation" in parts:
        pay = element("Annualized_Summary_Data", text("Total_Base_Pay", "52000"))
        told.append(element("Compensation_Data", element("Employee_Compensation_Summary_Data", pay)))
    if "Include_Organizations" in parts:
        told.append(_organizations(facts))
    return element(
        "Worker",
        reference("Worker_Reference", "worker", number, Employee_ID=f"E{number}"),
        element("Worker_Data", *told),
    )


def _personal(facts: dict[str, Any]) -> str:
    name = element("Name_Detail_Data", text("First_Name", facts["first"]), text("Last_Name", facts["last"]))
    line = '<wd:Address_Line_Data wd:Type="ADDRESS_LINE_1">7 Quarry Lane</wd:Address_Line_Data>'
    region = reference("Country_Region_Reference", "region", "CA", Country_Region_ID="USA-CA")
    home = element(
        "Address_Data", line, text("Municipality", "Fresno"), region, text("Postal_Code", "93701"), usage("HOME")
    )
    mail = element("Email_Address_Data", text("Email_Address", facts["email"]), usage("WORK"))
    private = element("Email_Address_Data", text("Email_Address", "home@example.org"), usage("HOME"))
    kind = reference("ID_Type_Reference", "id_type", "ssn", National_ID_Type_Code="USA-SSN")
    ssn = element("National_ID", element("National_ID_Data", text("ID", facts["ssn"]), kind))
    return element(
        "Personal_Data", element("Name_Data", element("Legal_Name_Data", name)), text("Birth_Date", f"{facts['born_on']}-08:00"),
        element("Contact_Data", home, private, mail), element("Identification_Data", ssn),
    )  # fmt: skip


def _job(facts: dict[str, Any]) -> str:
    title, code = PROFILES[facts["profile"]]
    full = "Full_time" if facts["hours"] == "40" else "Part_time"
    held = element(
        "Position_Data", text("Business_Title", title), text("Scheduled_Weekly_Hours", facts["hours"]),
        reference("Position_Time_Type_Reference", "time_type", full, Position_Time_Type_ID=full),
        element("Job_Profile_Summary_Data", reference("Job_Profile_Reference", "profile", facts["profile"], Job_Profile_ID=code)),
        reference("Manager_as_of_last_detected_manager_change_Reference", "worker", facts["manager"]),
    )  # fmt: skip
    return f'<wd:Worker_Job_Data wd:Primary_Job="1">{held}</wd:Worker_Job_Data>'


def _status(number: str, facts: dict[str, Any]) -> str:
    leaves = [
        element(
            "Leave_Status_Data", reference("Leave_Request_Event_Reference", "leave", f"{number}-{one['event']}"),
            text("On_Leave", one["is_on"]), text("Leave_Start_Date", one["starts_on"]),
            text("Estimated_Leave_End_Date", one["ends_on"]),
            reference("Leave_of_Absence_Type_Reference", "leave_type", "care", Leave_of_Absence_Type_ID="CARE"),
        )
        for one in facts["leaves"]
    ]  # fmt: skip
    reason = reference(
        "Primary_Termination_Reason_Reference", "reason", "end", Event_Classification_Subcategory_ID="RESIGNED"
    )
    ended = facts["ended_on"]
    return element(
        "Worker_Status_Data", text("Active", facts["active"]), text("Hire_Date", facts["hired_on"]), text("Terminated", bool(ended)),
        text("Termination_Date", ended), reason if ended else "", *leaves,
    )  # fmt: skip


def _organizations(facts: dict[str, Any]) -> str:
    number = facts["organization"]
    kind = reference("Organization_Type_Reference", "type", "sup", Organization_Type_ID="SUPERVISORY")
    costs = reference("Organization_Type_Reference", "type", "cost", Organization_Type_ID="COST_CENTER")
    one = element(
        "Worker_Organization_Data",
        reference("Organization_Reference", "cost", "1"),
        element("Organization_Data", costs),
    )
    two = element(
        "Worker_Organization_Data",
        reference("Organization_Reference", "organization", number),
        element("Organization_Data", kind),
    )
    return element("Organization_Data", one, two)


def organization(number: str) -> str:
    name, parent = ORGANIZATIONS[number]
    above = (
        element("Hierarchy_Data", reference("Superior_Organization_Reference", "organization", parent))
        if parent
        else ""
    )
    data = element("Organization_Data", text("Reference_ID", f"SUP-{number}"), text("Name", name), above)
    return element("Organization", reference("Organization_Reference", "organization", number), data)


def profile(number: str) -> str:
    title, code = PROFILES[number]
    data = element(
        "Job_Profile_Data", text("Job_Code", code), element("Job_Profile_Basic_Data", text("Job_Title", title))
    )
    return element("Job_Profile", reference("Job_Profile_Reference", "profile", number, Job_Profile_ID=code), data)


def answer(name: str, records: list[str], total: int, pages: int, page: int) -> str:
    results = element(
        "Response_Results", text("Total_Results", str(total)), text("Total_Pages", str(pages)), text("Page_Results", str(len(records))),
        text("Page", str(page)),
    )  # fmt: skip
    data = element("Response_Data", *records) if records else ""
    return f'{_OPEN}<wd:{name}_Response xmlns:wd="urn:com.workday/bsvc" wd:version="v44.0">{results}{data}</wd:{name}_Response>{_CLOSE}'


def fault(code: str, words: str, detail: str = "") -> str:
    return (
        f'{_OPEN}<env:Fault xmlns:wd="urn:com.workday/bsvc"><faultcode>SOAP-ENV:{code}</faultcode>'
        f"<faultstring>{escape(words)}</faultstring>{detail}</env:Fault>{_CLOSE}"
    )


VALIDATION = "<detail><wd:Validation_Fault><wd:Validation_Error><wd:Message>{words}</wd:Message></wd:Validation_Error></wd:Validation_Fault></detail>"
