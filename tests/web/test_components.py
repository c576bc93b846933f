"""What each macro means to a browser and a screen reader: roles, names, links, values."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, flash
from flask.testing import FlaskClient
from lxml import html

from app.web import gallery


def tree(text: str) -> Any:
    return html.fromstring(text)


@pytest.fixture
def show(tiny_app: Flask) -> Any:
    """Render a piece of template with the gallery's sample data."""

    def render(source: str, wrong: bool = False, **context: Any) -> Any:
        with tiny_app.test_request_context("/"):
            form = gallery.wrong() if wrong else gallery.filled()
            template = tiny_app.jinja_env.from_string(source)
            return tree(f"<div>{template.render(form=form, **vars(gallery), **context)}</div>")

    return render


def test_text_names_its_control(show: Any) -> None:
    found = show("{{ ui.text(form.name, 'As on your card', autocomplete='given-name') }}")
    control = found.xpath("//input")[0]
    assert found.xpath(f"//label[@for='{control.get('id')}']")[0].text_content().strip() == "First name"
    assert control.get("aria-describedby") == "name-hint"
    assert control.get("autocomplete") == "given-name"
    assert control.get("value") == "Ana"
    assert control.get("aria-invalid") is None


def test_an_error_is_tied_to_its_control(show: Any) -> None:
    found = show("{{ ui.text(form.name, 'Hint') }}", wrong=True)
    control = found.xpath("//input")[0]
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby") == "name-hint name-error"
    assert found.xpath("//*[@id='name-error']")[0].text_content().split() == [
        "Error:",
        "Enter",
        "your",
        "first",
        "name",
    ]


def test_optional_is_said(show: Any) -> None:
    assert "(optional)" in show("{{ ui.text(form.email) }}").text_content()


@pytest.mark.parametrize(
    ("macro", "field", "attribute", "value"),
    [("money(form.salary)", "salary", "inputmode", "decimal"), ("ssn(form.ssn, 'Why')", "ssn", "inputmode", "numeric"),
     ("ssn(form.ssn, 'Why')", "ssn", "autocomplete", "off"), ("file(form.proof, accept='.pdf')", "proof", "accept", ".pdf"),
     ("textarea(form.about, rows=7)", "about", "rows", "7")],
)  # fmt: skip
def test_controls(show: Any, macro: str, field: str, attribute: str, value: str) -> None:
    control = show(f"{{{{ ui.{macro} }}}}").xpath(f"//*[@name='{field}']")[0]
    assert control.get(attribute) == value


def test_an_ssn_is_not_asked_for_without_a_reason(show: Any) -> None:
    assert "Why" in show("{{ ui.ssn(form.ssn, 'Why') }}").xpath("//*[@id='ssn-hint']")[0].text


def test_a_date_is_a_group_of_three(show: Any) -> None:
    found = show("{{ ui.date3(form.born_on, autocomplete='bday') }}")
    assert found.xpath("//fieldset/legend")[0].text_content().strip() == "Date of birth"
    assert [i.get("name") for i in found.xpath("//input")] == ["born_on-month", "born_on-day", "born_on-year"]
    assert [i.get("value") for i in found.xpath("//input")] == ["3", "27", "1986"]
    assert found.xpath("//input")[2].get("autocomplete") == "bday-year"
    wrong = show("{{ ui.date3(form.born_on) }}", wrong=True)
    assert [i.get("aria-invalid") for i in wrong.xpath("//input")] == ["true", None, None]
    assert "born_on-error" in wrong.xpath("//fieldset")[0].get("aria-describedby")


def test_tiles_are_radios_with_price_and_reason(show: Any) -> None:
    found = show("{{ ui.radio_tiles(form.plan, TILES) }}")
    radios = found.xpath("//fieldset//input[@type='radio']")
    assert [r.get("value") for r in radios] == ["silver", "bronze", "gold", "waive"]
    assert [r.get("checked") is not None for r in radios] == [True, False, False, False]
    assert radios[2].get("disabled") is not None
    why = found.xpath(f"//*[@id='{radios[2].get('aria-describedby')}']")[0]
    assert why.text == "You can choose this from January 1, 2027."
    assert "$71.25" in found.xpath("//label")[0].text_content()
    assert "Lowest cost" in found.xpath("//label")[1].text_content()


def test_group_errors_reach_every_choice(show: Any) -> None:
    for macro, field in (("radio_tiles(form.plan)", "plan"), ("checkboxes(form.covered)", "covered")):
        found = show(f"{{{{ ui.{macro} }}}}", wrong=True)
        for control in found.xpath("//input"):
            assert f"{field}-error" in control.get("aria-describedby")
            assert control.get("aria-invalid") == "true"
        assert f"{field}-error" in found.xpath("//fieldset")[0].get("aria-describedby")


def test_checkboxes_keep_what_was_checked(show: Any) -> None:
    boxes = show("{{ ui.checkboxes(form.covered) }}").xpath("//input[@type='checkbox']")
    assert [b.get("value") for b in boxes if b.get("checked") is not None] == ["ana"]


def test_select_and_single_checkbox(show: Any) -> None:
    assert show("{{ ui.select(form.state) }}").xpath("//select/option[@value='CA']")
    found = show("{{ ui.checkbox(form.agree) }}", wrong=True)
    assert found.xpath("//input")[0].get("aria-describedby") == "agree-error"


def test_the_signature_states_what_is_signed(show: Any) -> None:
    found = show("{{ ui.signature_typed(form.signed_name, form.agree, 'I agree', 'Ana Lopez') }}")
    assert found.xpath("//section/@aria-labelledby")
    assert "I agree" in found.text_content()
    assert "Ana Lopez" in found.xpath("//*[@id='signed_name-hint']")[0].text


def test_the_form_carries_token_and_key_first(show: Any) -> None:
    found = show("{% call ui.form('/go', form) %}x{% endcall %}").xpath("//form")[0]
    assert [i.get("name") for i in found.xpath(".//input")] == ["csrf_token", "form_key"]
    assert (found.get("method"), found.get("action"), found.get("hx-post")) == ("post", "/go", "/go")
    plain = show("{% call ui.form('/go', enhance=false, multipart=true) %}x{% endcall %}").xpath("//form")[0]
    assert plain.get("hx-post") is None
    assert plain.get("enctype") == "multipart/form-data"


def test_the_summary_links_every_error_in_order(show: Any) -> None:
    found = show("{{ ui.error_summary(form) }}", wrong=True)
    assert found.xpath("//*[@role='alert']/@tabindex") == ["-1"]
    hrefs = found.xpath("//a/@href")
    assert hrefs[:6] == ["#name", "#about", "#salary", "#ssn", "#born_on-month", "#plan-0"]
    assert not show("{{ ui.error_summary(form) }}").xpath("//a")
    assert show("{{ ui.error_summary([('', 'Closed')]) }}").xpath("//li")[0].text_content() == "Closed"


def test_steps_say_where_one_is(show: Any) -> None:
    found = show("{{ ui.steps(3, 6, 'Medical plan') }}")
    assert "Step 3 of 6" in found.text_content()
    assert found.xpath("//h1")[0].text == "Medical plan"
    assert found.xpath("//ol/@aria-hidden") == ["true"]
    assert found.xpath("count(//li[@class='done'])") == 2


def test_headings_links_and_buttons(show: Any) -> None:
    found = show(
        "{% call ui.heading('A', 'B', 'C') %}{{ ui.button('Go', href='/x', hidden='to x') }}{% endcall %}{{ ui.back('/b') }}"
    )
    assert found.xpath("//h1/@tabindex") == ["-1"]
    assert found.xpath("//a[@href='/x']")[0].text_content() == "Go to x"
    assert found.xpath("//a[@href='/b']")[0].text == "Back"
    submit = show("{{ ui.button('Save', 'danger', name='do', value='1') }}").xpath("//button")[0]
    assert (submit.get("type"), submit.get("name"), submit.get("value")) == ("submit", "do", "1")


def test_lists_and_their_links(show: Any) -> None:
    tasks = show("{{ ui.task_list(TASKS) }}")
    assert tasks.xpath("count(//li)") == 4
    assert tasks.xpath("//a")[0].get("aria-describedby") == "task-1-status"
    assert not tasks.xpath("//li[4]//a")
    rows = show("{{ ui.summary_list(ANSWERS, 'Check', 3) }}")
    assert rows.xpath("//dt")[0].text == "Medical plan"
    assert rows.xpath("//a")[0].text_content() == "Change medical plan"
    assert rows.xpath("//a")[2].text_content() == "Change Leo's Social Security number"
    assert "Not given" in show("{{ ui.summary_list([{'label': 'X', 'value': none}]) }}").text_content()


def test_tables_have_headings_in_both_directions(show: Any) -> None:
    found = show("{{ ui.data_table('People', COLUMNS, ROWS) }}")
    assert found.xpath("//caption")[0].text == "People"
    assert found.xpath("count(//th[@scope='col'])") == 6
    assert found.xpath("//tbody/tr[1]/th[@scope='row']")[0].text == "Ana Lopez"
    assert found.xpath("//tbody/tr[1]/td/@data-label") == ["Department", "Plan", "Status", "Effective", "Per paycheck"]
    assert found.xpath("//tbody/tr[1]/td[5]")[0].text == "$71.25"
    assert found.xpath("//tbody/tr[4]/td[5]")[0].text == "—"


def test_tables_link_and_custom_cells(show: Any) -> None:
    source = """{% macro go(row) %}/p/{{ row.plan|length }}{% endmacro %}
    {% call(row, key) ui.data_table('P', [('name', 'N'), ('plan', 'Plan', 'custom')], ROWS, link=go) %}<b>{{ key }} {{ row.plan }}</b>{% endcall %}"""
    found = show(source)
    assert found.xpath("//tbody/tr[1]/th/a/@href") == ["/p/10"]
    assert found.xpath("//tbody/tr[1]/td/b")[0].text == "plan Silver PPO"
    assert "Nobody" in show("{{ ui.data_table('P', COLUMNS, [], empty='Nobody') }}").text_content()


def test_table_cells_are_escaped_and_rows_may_be_mappings(show: Any) -> None:
    rows = [{"a": "<i>x</i>", "b": ("<b>", "good")}, {"a": "y", "b": None}]
    found = show("{{ ui.data_table('P', [('a', 'A'), ('b', 'B<', 'tag')], rows) }}", rows=rows)
    assert not found.xpath("//i|//b")
    assert found.xpath("//tbody/tr[1]/td/span/@class") == ["tag good"]
    assert found.xpath("//tbody/tr[2]/td")[0].text == "\u2014"
    assert (
        show("{{ ui.data_table('P', [(0, 'A'), (1, 'B', 'number')], [('x', 1200)]) }}").xpath("//td")[0].text == "1,200"
    )


def test_navigation_pieces(show: Any) -> None:
    tabs = show("{{ ui.tabs(TABS, 'By status') }}")
    assert tabs.xpath("//nav/@aria-label") == ["By status"]
    assert tabs.xpath("//a[@aria-current='page']")[0].text_content().split() == ["Waiting", "42"]
    assert "1,000+" in tabs.text_content()
    pages = show("{{ ui.pagination(next='?after=1', shown=25, total=1001) }}")
    assert pages.xpath("//a[@rel='next']/@href") == ["?after=1"]
    assert "25 of 1,000+" in pages.text_content()
    assert not show("{{ ui.pagination() }}").xpath("//nav")
    bar = show("{% call ui.filter_bar('/l', clear='/l') %}f{% endcall %}").xpath("//form")[0]
    assert (bar.get("method"), bar.get("role"), bar.get("hx-push-url")) == ("get", "search", "true")


def test_messages(show: Any, tiny_app: Flask) -> None:
    assert show("{{ ui.notice('Text', 'warn', 'Title') }}").xpath("//h2")[0].text == "Title"
    with tiny_app.test_request_context("/"):
        flash("Saved <b>", "good")
        text = tiny_app.jinja_env.from_string("{{ ui.flashes() }}").render()
    assert 'role="status"' in text
    assert "Saved &lt;b&gt;" in text


def test_pictures_have_a_table(show: Any) -> None:
    found = show("{{ ui.chart_bar('By benefit', CHART, 'Benefit', 'People') }}")
    assert found.xpath("//svg/@aria-hidden") == ["true"]
    assert found.xpath("//details//tbody/tr[1]/td")[0].text == "842"
    widths = [float(w) for w in found.xpath("//rect[@class='bar']/@width")]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 170
    assert not show("{{ ui.chart_bar('E', [], 'a', 'b') }}").xpath("//rect[@class]")


def test_time_progress_and_total(show: Any) -> None:
    line = show("{{ ui.timeline(EVENTS) }}")
    assert line.xpath("//time/@datetime")[0] == "2026-11-20T15:05:00+00:00"
    bar = show("{{ ui.progress(842, 1284, 'Submitted') }}").xpath("//progress")[0]
    assert (bar.get("value"), bar.get("max")) == ("842", "1284")
    total = show("{{ ui.running_total('Cost', '$1.00', 'per paycheck') }}").xpath("//p")[0]
    assert total.get("aria-live") == "polite"


def test_a_final_state_is_not_polled(show: Any) -> None:
    live = show("{% call ui.poll('state', '/s') %}x{% endcall %}").xpath("//*[@id='state']")[0]
    assert (live.get("hx-get"), live.get("hx-trigger"), live.get("hx-select")) == ("/s", "every 5s", "#state")
    done = show("{% call ui.poll('state', '/s', active=false) %}x{% endcall %}").xpath("//*[@id='state']")[0]
    assert not [key for key in done.attrib if key.startswith("hx-")]


def test_boxes(show: Any) -> None:
    card = show("{% call ui.card('Medical', tag='Active', actions=[{'label': 'See', 'url': '/s'}]) %}Body{% endcall %}")
    assert card.xpath("//section/header//h2")[0].text == "Medical"
    assert card.xpath("//footer/a/@href") == ["/s"]
    assert show("{{ ui.stat('42', 'Waiting', url='/w') }}").xpath("//a/@href") == ["/w"]
    assert "Why" in show("{% call ui.empty('None', 'Why') %}b{% endcall %}").text_content()
    assert show("{% call ui.details('What?') %}That{% endcall %}").xpath("//details/summary")[0].text == "What?"


def test_everything_typed_is_escaped(show: Any) -> None:
    found = show(
        "{{ ui.card('<script>x</script>') }}{{ ui.status_tag('<i>') }}{{ ui.summary_list([{'label': '<b>', 'value': '<u>'}]) }}{{ 'a<b>\nc'|lines }}"
    )
    assert not found.xpath("//script|//i|//b|//u")


def test_layout_lets_one_sign_out_and_switch_language(tiny_client: FlaskClient) -> None:
    page = tree(tiny_client.get("/dev/list?as=ana").text)
    assert page.xpath("//form[@class='sign-out'][@method='post']//button")
    assert page.xpath("//nav[@aria-label='Main']//a[@aria-current='page']")[0].text == "Elections"
    assert page.xpath("//a[@hreflang='es']/@lang")[0] == "es"
    assert page.xpath("//body/@data-idle-seconds")
    assert page.xpath("//body/a[1]/@href") == ["#main"], "the skip link is first"
    out = tree(tiny_client.get("/dev/list").text)
    assert not out.xpath("//form[@class='sign-out']")
    assert not out.xpath("//dialog")
    assert not re.search(r"data-idle", html.tostring(out).decode())
