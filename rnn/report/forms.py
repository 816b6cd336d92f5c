"""The forms of a report, of which the first is the default."""

REPORT = "report"
LESSON = "lesson"  # also the tag of the cells that speak to someone at a keyboard
SHORT = "short"
FORMS = (REPORT, LESSON, SHORT)
