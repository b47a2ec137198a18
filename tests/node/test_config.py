"""Configuration: what can be set, and what is said of what cannot."""

from pathlib import Path

import pytest

from crypto.secret import Secret
from formats.errors import BadConfig
from node.config import Config, SignUps, load, settings
from node.limits import Limits
from node.network import Network
from node.values import parse_size

GIB = 2**30


def config(home: Path, text: str, **environ: str) -> Config:
    (home / "config.toml").write_text(text, encoding="utf-8")
    return load(home, environ)


def test_an_empty_folder_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {}) == Config(tmp_path)


def test_every_setting(tmp_path: Path) -> None:
    text = """
        # what I want
        port = 5000
        listen = ["127.0.0.1", "::1"]
        announce = ["/dns4/example.org/tcp/4061"]
        sign_up = "closed"
        default_quota = "2 TiB"
        retention = 3600
        log_level = "debug"
        work_bits = 22
        metrics_port = 9464
        web_admins = ["alice~k7q2-xw9m-3tab-9c4d"]
        [limits]
        min_free = "2 GiB"
        storage = "1 TiB"
        transfer_a_day = "10 GiB"
        connections = 100
        connections_of_address = 10
        requests = 50
        bytes_in_flight = "8 MiB"
        unread = "16 MiB"
        bytes_in_flight_in_all = "1 TiB"
        answers_in_flight = "16 MiB"
        strangers_requests = 1
        strangers_requests_in_all = 100000
        sign_ups_a_day = 1
        sign_ups_a_day_in_all = 7
        guesses = 3
    """
    assert config(tmp_path, text) == Config(
        tmp_path,
        port=5000,
        listen=("127.0.0.1", "::1"),
        announce=("/dns4/example.org/tcp/4061",),
        sign_up=SignUps.CLOSED,
        default_quota=2048 * GIB,
        retention=3600,
        log_level="debug",
        work_bits=22,
        metrics_port=9464,
        web_admins=("alice~k7q2-xw9m-3tab-9c4d",),
        limits=Limits(
            min_free=2 * GIB,
            storage=1024 * GIB,
            transfer_a_day=10 * GIB,
            connections=100,
            connections_of_address=10,
            requests=50,
            bytes_in_flight=8 * 2**20,
            unread=16 * 2**20,
            bytes_in_flight_in_all=2**40,
            answers_in_flight=16 * 2**20,
            strangers_requests=1,
            strangers_requests_in_all=100_000,
            sign_ups_a_day=1,
            sign_ups_a_day_in_all=7,
            guesses=3,
        ),
    )


def test_the_environment_wins(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        "port = 5000",
        HOLDFAST_PORT="5001",
        HOLDFAST_LISTEN="127.0.0.1, ::1",
        HOLDFAST_DEFAULT_QUOTA="1 GiB",
        HOLDFAST_HOME="/elsewhere",
        HOLDFAST_SEED="1",
    )
    assert (found.port, found.listen) == (5001, ("127.0.0.1", "::1"))
    assert (found.default_quota, found.home) == (GIB, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nprot = 1", "config.toml line 2: prot: no such setting"),
        ("[node]\nport = 1", "line 1: node: no such setting"),
        ("port = 65536", "line 1: port: out of range"),
        ("port = -1", "port: out of range"),
        ('port = "4061"', "port: not a whole number"),
        ("port = true", "port: not a whole number"),
        ("\n\n'port' = 1.5", "line 3: port: not a whole number"),
        ('sign_up = "maybe"', "sign_up: not one of invite, open, closed"),
        ("sign_up = 1", "sign_up: not one of"),
        ('listen = "0.0.0.0"', "listen: not a list of texts"),
        ('listen = ["example.org"]', "listen: 'example.org' is no IP address"),
        ("listen = [1]", "listen: not a list of texts"),
        ('announce = ["example.org:4061"]', "announce: 'example.org:4061' is no multiaddress"),
        (f"announce = {['/dns4/a/tcp/1'] * 17}", "announce: at most 16"),
        ('default_quota = "much"', "default_quota: not a size"),
        ('default_quota = "-1 GiB"', "default_quota: not a size"),
        ('default_quota = "9999999 TiB"', "default_quota: out of range"),
        ('web_admins = ["alice"]', "web_admins: 'alice' is not a handle: it has no '~'"),
        ('web_admins = ["a b~k7q2xw9m3tab9c4d"]', "web_admins: 'a b~k7q2xw9m3tab9c4d' is"),
        ("retention = 59", "retention: out of range"),
        ("work_bits = 33", "work_bits: out of range"),
        ('log_level = "loud"', "log_level: not one of debug"),
        (
            "[limits]\n\nmin_fre = 1",
            "line 3: limits.min_fre: no such setting; did you mean min_free?",
        ),
        ("limits.requests = 0", "line 1: limits.requests: out of range: 1 to 100000"),
        ("limits.unread = '15 MiB'", "line 1: limits.unread: out of range: 16 MiB to 1 TiB"),
        ("limits.unread = '2 TiB'", "line 1: limits.unread: out of range: 16 MiB to 1 TiB"),
        ("limits.unread = 'some'", "line 1: limits.unread: not a size"),
        (
            "limits.bytes_in_flight_in_all = '15 MiB'",
            "bytes_in_flight_in_all: out of range: 16 MiB",
        ),
        ("limits.answers_in_flight = 0", "limits.answers_in_flight: out of range: 16 MiB to 1 TiB"),
        ("limits.strangers_requests = 0", "strangers_requests: out of range: 1 to 100000"),
        ("limits.strangers_requests_in_all = 100001", "in_all: out of range: 1 to 100000"),
        ("limits = 5", "line 1: limits: not a table, [limits]"),
        ("guesses = 5", "line 1: guesses: no such setting; it belongs below [limits]"),
        ("[limits]\nport = 5", "line 2: limits.port: no such setting; it stands above [limits]"),
        ("[network]\nname = 'My Net'", "line 2: network.name: 1 to 32 of a-z"),
        ("[network]\nkey = 'secret'", "line 2: network.key: 64 hexadecimal digits"),
        ("network.find = 1.5", "line 1: network.find: neither true nor false"),
        ("[network]\nbootstrap = ['/ip4/192.0.2.7/tcp/4061']", "does not say which node"),
        ("[network]\nbootstrap = ['/ip4/192.0.2.7/tcp/1/p2p/0OIl']", "does not say which node"),
        ("network.keep = '1 KiB'", "line 1: network.keep: out of range: 1 MiB to 1 TiB"),
        ("network.keep = '1025 GiB'", "network.keep: out of range"),
        ("network.relay_places = 0", "network.relay_places: out of range: 1 to 4096"),
        ("network.relay_places = 4097", "network.relay_places: out of range"),
        ("[network]\nrelay_an_hour = 1", "line 2: network.relay_an_hour: out of range: 1 MiB to"),
        ("network.relay_an_hour = '2 TiB'", "network.relay_an_hour: out of range"),
        ("bootstrap = []", "line 1: bootstrap: no such setting; it belongs below [network]"),
        ("[network]\nmin_free = 1", "network.min_free: no such setting; it belongs below [limits]"),
        ("network = 5", "line 1: network: not a table, [network]"),
        ("[store]\nblocks = 'tape'", "line 2: store.blocks: not one of files, s3"),
        ("[store]\nblocks = 's3'", "store.s3_endpoint is not set"),
        ("[store]\nblocks='s3'\ns3_endpoint='http://h'", "store.s3_bucket is not set"),
        ("[store]\n\ns3_endpoint = 'ftp://h'", "line 3: store.s3_endpoint: not the address of an"),
        ("[store]\ns3_endpoint = 'https://key:word@h'", "store.s3_endpoint: not the address"),
        ("[store]\ns3_endpoint = 'https://h/bucket'", "store.s3_endpoint: not the address"),
        ("[store]\ns3_endpoint = 'https://h:x'", "store.s3_endpoint: not the address"),
        ("[store]\ns3_bucket = 'My_Bucket'", "store.s3_bucket: not the name of a bucket"),
        ("[store]\ns3_prefix = '../up here'", "store.s3_prefix: not a prefix"),
        ("[store]\ns3_region = 'Mars!'", "store.s3_region: not a region"),
        ("[store]\ns3_credentials = 'keys'", "store.s3_credentials: not the whole path"),
        ("[store]\nrecords = 'mysql'", "line 2: store.records: not one of files, postgres"),
        ("[store]\nrecords = 'postgres'", "store.postgres_url is not set"),
        ("[store]\npostgres_url = 'db'", "line 2: store.postgres_url: not the address of a data"),
        ("[store]\npostgres_url = 'postgresql://a:b@h/d'", "store.postgres_url: a password does"),
        ("[store]\npostgres_password = 'word'", "store.postgres_password: not the whole path"),
        ("[store]\nblocks_folder = '/srv/blocks'", "store.blocks_folder goes with records"),
        ("[store]\ns3_cache = '1 MiB'", "store.s3_cache: 0 for none, or at least 64 MiB"),
        ("[store]\ns3_buket = 'b'", "did you mean s3_bucket?"),
        ("s3_bucket = 'bbb'", "s3_bucket: no such setting; it belongs below [store]"),
        ("port = ", "config.toml:"),
        ("port = 1\nport = 2", "config.toml:"),
    ],
)
def test_what_cannot_be_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig) as refused:
        config(tmp_path, text)
    assert said in refused.value.message


def test_an_impossible_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="environment: HOLDFAST_PORT: not a whole number"):
        load(tmp_path, {"HOLDFAST_PORT": "ten"})


def test_a_limit_from_the_environment_wins(tmp_path: Path) -> None:
    found = config(tmp_path, "[limits]\nrequests = 5\nguesses = 4", HOLDFAST_LIMITS_REQUESTS="6")
    assert found.limits == Limits(requests=6, guesses=4)


PEER = "12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"


def test_the_network_is_configured(tmp_path: Path) -> None:
    node = f"/ip4/192.0.2.7/tcp/4061/p2p/{PEER}"
    text = f"[network]\nname = 'ours'\nkey = '{'ab' * 32}'\nbootstrap = ['{node}']\nlocal = false"
    found = config(tmp_path, text, HOLDFAST_NETWORK_NAME="12", HOLDFAST_NETWORK_FIND="false")
    key = Secret(b"\xab" * 32)
    assert found.network == Network("12", key, (node,), find=False, local=False)


def test_what_a_node_does_for_others_is_set(tmp_path: Path) -> None:
    least = "[network]\nkeep = '1 MiB'\nrelay_places = 1\nrelay_an_hour = '1 MiB'"
    found = config(tmp_path, least, HOLDFAST_NETWORK_RELAY_PLACES="4096").network
    assert (found.keep, found.relay_places, found.relay_an_hour) == (2**20, 4096, 2**20)
    most = "[network]\nkeep = '1 TiB'\nrelay_an_hour = '1 TiB'\n[limits]\nunread = '1 TiB'"
    whole = config(tmp_path, most)
    assert (whole.network.keep, whole.network.relay_an_hour, whole.limits.unread) == (2**40,) * 3


def test_without_settings_there_is_nobody_to_dial(tmp_path: Path) -> None:
    assert Config(tmp_path).network == Network()
    assert Config(tmp_path).network.bootstrap == ()


def test_every_setting_can_be_told(tmp_path: Path) -> None:
    told = dict(settings(Config(tmp_path)))
    assert told["port"] is None
    assert told["limits.connections"] == 512


def test_what_is_read_again_while_it_runs(tmp_path: Path) -> None:
    running, fresh = Config(tmp_path, port=1), Config(tmp_path, port=2, limits=Limits(requests=9))
    assert running.renewed(fresh) == Config(tmp_path, port=1, limits=Limits(requests=9))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadConfig, match="cannot be read"):
        load(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), (17, 17), ("500 MiB", 500 * 2**20), ("1tib", 2**40), (" 7 B ", 7), (2**53, 2**53)],
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size
