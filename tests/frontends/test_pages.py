"""Our pages say what the program does."""

from tests.daemons import pages


def test_the_page_of_the_commands_is_of_today() -> None:
    """If not: python -m tests.daemons.pages."""
    assert pages.CLI_PAGE.read_text("utf-8") == pages.cli_page()


def test_the_page_of_the_local_api_is_of_today() -> None:
    """If not: python -m tests.daemons.pages."""
    assert pages.API_PAGE.read_text("utf-8") == pages.api_page()
