"""Tables as people read them, and where they land."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.report import Table, brief, figure, others, put_into


def test_a_table_is_markdown_with_even_columns() -> None:
    table = Table("Cost", ["", "1"], [["meshconf", "0.15"], ["floor", "0.1"]], ["What it means."])
    assert table.markdown() == (
        "**Cost**\n\n"
        "|          | 1    |\n"
        "| -------- | ---- |\n"
        "| meshconf | 0.15 |\n"
        "| floor    | 0.1  |\n"
        "\nWhat it means.\n"
    )


def test_a_figure_is_the_median_of_what_is_known() -> None:
    assert figure([3.0, None, 1.0, 2.0], 1, " ms") == "2.0 ms"
    assert figure([None]) == figure([]) == "–"


def test_a_part_of_a_document_is_replaced_and_nothing_else() -> None:
    document = "before\n<!-- loss -->\nold \\1\n<!-- /loss -->\nbetween\n<!-- cut -->\n<!-- /cut -->\n"
    changed = put_into(document, "loss", "new \\1\n")
    assert changed == document.replace("old", "new")
    assert put_into(changed, "loss", "new \\1\n") == changed


def test_a_part_without_a_place_comes_last() -> None:
    assert put_into("text\n", "mesh", "table\n") == "text\n\n<!-- mesh -->\ntable\n<!-- /mesh -->\n"


def test_what_others_took_is_found_wherever_it_stands() -> None:
    samples = [{"samples": [{"others_cpu": 0.1}, {"before": {"others_cpu": 0.5}}]}, {"samples": [{"others_cpu": 0.2}]}]
    assert others(samples) == "Meanwhile other programs of the machine took 0.20 CPU seconds a second (at most 0.50)."
    assert others(None) == ""


def test_a_sample_is_told_in_a_line() -> None:
    @dataclass(frozen=True)
    class Look:
        fps: float

    @dataclass(frozen=True)
    class Sample:
        before: Look
        cpu: float
        rate_bps: float
        delay_ms: float | None
        likeness: list[list[float]]
        others_cpu: float

    told = brief(Sample(Look(30.0), 0.1234, 1234567.0, None, [[0.5, 0.9], [0.7]], 0.3))
    assert told == "before fps 30, cpu 0.123, rate_bps 1234567, likeness 0.7 (of 3)"
