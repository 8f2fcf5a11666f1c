"""`sluice demo` keeps its own promises, in both languages."""

from proxy.demo.process import run_sluice


def test_the_demo_ends_well_and_shows_every_way() -> None:
    done = run_sluice("demo", secrets={"COLUMNS": "200"})
    shown = done.stdout.decode()
    assert done.returncode == 0, shown + done.stderr.decode()
    said = ("what the person typed", "员工输入", "All 12 scenes came out as promised")
    for words in (*said, "[CN_ID_CARD_", "[PERSON_", "[ADDRESS_"):
        assert words in shown
    assert "✗" not in shown
