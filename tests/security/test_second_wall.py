"""What `tests/fixtures/companies.py` takes for a statement that names its company, and what not."""

from __future__ import annotations

import pytest

from tests.fixtures.companies import unfiltered

TABLES = frozenset({"employee", "department", "audit_event"})
NAMED = (
    "SELECT e.id FROM employee AS e WHERE e.company_id = %(a)s::UUID AND e.id = %(b)s::UUID",
    "SELECT id FROM employee WHERE company_id = %(a)s",
    "SELECT employee.id FROM employee WHERE %(a)s::UUID = employee.company_id",
    "SELECT e.id FROM employee e LEFT OUTER JOIN department d ON d.company_id = e.company_id WHERE e.company_id = %(a)s",
    "SELECT count(*) FROM (SELECT employee.id FROM employee WHERE employee.company_id = %(a)s LIMIT 5) AS anon_1",
    "SELECT (SELECT d.name FROM department d WHERE d.company_id = e.company_id) FROM employee e WHERE e.company_id IN (%(a)s)",
    "SELECT d.id FROM department d WHERE d.company_id = %(a)s AND (d.id = %(b)s OR d.id = %(c)s)",
    "UPDATE employee SET status=%(s)s WHERE employee.company_id = %(a)s",
    "DELETE FROM employee WHERE employee.company_id = %(a)s",
    "SELECT 1 FROM employee WHERE false",
    "SELECT slug FROM tenant_door",
    "INSERT INTO employee (company_id, id) VALUES (%(a)s, %(b)s)",
    "CREATE TEMP TABLE rows AS SELECT id FROM employee WITH NO DATA",
)
OPEN = {
    "SELECT e.id FROM employee AS e WHERE e.id = %(b)s::UUID": ("employee",),
    "SELECT e.id FROM employee e JOIN department d ON d.id = e.department_id WHERE e.company_id = %(a)s": (
        "department",
    ),
    "SELECT e.id FROM employee e JOIN department d ON d.company_id = e.company_id": ("department", "employee"),
    "SELECT e.id FROM employee e WHERE e.company_id = %(a)s OR e.id = %(b)s": ("employee",),
    "SELECT e.id FROM employee e WHERE NOT (e.company_id = %(a)s)": ("employee",),
    "SELECT e.id FROM employee e WHERE e.company_id != %(a)s": ("employee",),
    "SELECT id FROM employee WHERE company_id = %(a)s UNION ALL SELECT id FROM department": ("department",),
    "SELECT id FROM employee WHERE company_id = %(a)s AND EXISTS (SELECT 1 FROM audit_event)": ("audit_event",),
    "WITH x AS (SELECT id FROM employee) SELECT id FROM x": ("employee",),
    "UPDATE employee SET company_id=%(a)s WHERE employee.id = %(b)s": ("employee",),
    "DELETE FROM department WHERE department.id = %(a)s": ("department",),
    "INSERT INTO department (id) SELECT id FROM employee": ("employee",),
    "SELECT e.company_id = %(a)s FROM employee e": ("employee",),
}


@pytest.mark.parametrize("statement", NAMED)
def test_these_name_their_company(statement: str) -> None:
    assert unfiltered(statement, TABLES) == ()


@pytest.mark.parametrize("statement", OPEN)
def test_these_leave_it_to_row_level_security(statement: str) -> None:
    assert tuple(sorted(unfiltered(statement, TABLES))) == OPEN[statement]
