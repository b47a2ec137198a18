"""Our pages say what the program does."""

import json

from frontends.api.table import OPERATOR, personal_routes
from tests.daemons import openapi, pages


def test_the_page_of_the_commands_is_of_today() -> None:
    """If not: python -m tests.daemons.pages."""
    assert pages.CLI_PAGE.read_text("utf-8") == pages.cli_page()


def test_the_page_of_the_local_api_is_of_today() -> None:
    """If not: python -m tests.daemons.pages."""
    assert pages.API_PAGE.read_text("utf-8") == pages.api_page()


def test_the_openapi_file_is_of_today() -> None:
    """If not: python -m tests.daemons.pages."""
    assert openapi.FILE.read_text("utf-8") == openapi.text()


def test_the_openapi_file_has_every_call_once() -> None:
    paths = json.loads(openapi.FILE.read_text("utf-8"))["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    routes = [*OPERATOR, *personal_routes(), *openapi.web_routes()]
    assert there == {(route.method, route.path) for route in routes}
    named = [call["operationId"] for methods in paths.values() for call in methods.values()]
    assert len(set(named)) == len(named) == len(routes)
