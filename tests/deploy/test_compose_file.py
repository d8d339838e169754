"""docker-compose.yml fits the Compose specification, this program and the files beside it."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from ruamel.yaml import YAML

from journeys.predicates import Channel
from runtime.settings import Settings, SmtpSettings
from tests.deploy.compose import (
    ROOT,
    VARIABLE,
    MissingVariableError,
    compose_file,
    compose_text,
    env_example,
    filled_in,
)
from workflows.names import send_queue

OURS = ("migrate", "api", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return compose_file(filled_in())


@pytest.fixture(scope="module")
def specification() -> Validator:
    """The Compose specification's own JSON Schema, as the check-jsonschema package ships it."""
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text())
    return validator_for(schema)(schema)


def test_it_fits_the_compose_specification(
    compose: dict[str, Any], specification: Validator
) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in specification.iter_errors(compose)]
    assert errors == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("services", "worker", "replicas"), 2),
        (("services", "worker", "depends_on"), {"migrate": {"condition": "service_done"}}),
        (("services", "api", "ports"), "8000"),
        (("volume",), {}),
    ],
)
def test_the_specification_refuses_what_compose_would_refuse(
    specification: Validator, path: tuple[str, ...], value: Any
) -> None:
    broken = compose_file(filled_in())
    place = broken
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert list(specification.iter_errors(broken))


@pytest.mark.parametrize("service", OURS)
def test_every_command_is_one_that_the_program_has(compose: dict[str, Any], service: str) -> None:
    from cli.main import app

    program = typer.main.get_command(app)
    name, *arguments = compose["services"][service]["command"]
    command = program.get_command(typer.Context(program), name)
    assert command is not None, f"sojourn has no command {name!r}"
    command.make_context(name, arguments)


@pytest.mark.parametrize("service", OURS)
def test_every_setting_is_one_that_the_program_reads(compose: dict[str, Any], service: str) -> None:
    known = {f"SOJOURN_{name.upper()}" for name in Settings.model_fields}
    known |= {f"SOJOURN_SMTP_{name.upper()}" for name in SmtpSettings.model_fields}
    if service == "api":
        known.add("FORWARDED_ALLOW_IPS")  # uvicorn's
    given = compose["services"][service]["environment"]
    assert set(given) - known == set()


@pytest.mark.parametrize("service", OURS)
def test_every_setting_has_a_value_that_the_program_takes(
    compose: dict[str, Any], service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in compose["services"][service]["environment"].items():
        if value is not None:
            monkeypatch.setenv(name, value)
    settings, smtp = Settings(), SmtpSettings()
    assert settings.database_url == "postgresql://sojourn:Pa55word@postgres:5432/sojourn"
    assert settings.temporal_address == "temporal:7233"
    assert settings.inbox_channels == []
    if service in {"worker", "api"}:
        assert (smtp.host, smtp.port, smtp.tls) == ("mail.example", 587, "starttls")
        assert smtp.username is None


def test_nothing_starts_without_its_secrets() -> None:
    required, _ = env_example()
    for name in required:
        with pytest.raises(MissingVariableError, match=name):
            compose_file({key: value for key, value in filled_in().items() if key != name})


def test_no_secret_is_written_into_the_file() -> None:
    services = YAML(typ="safe").load(compose_text())["services"]
    for service in services.values():
        for name, value in (service.get("environment") or {}).items():
            if any(word in name for word in ("PASSWORD", "PWD", "SECRET")):
                assert value is None or value.startswith("${"), name


def test_the_example_environment_lists_every_variable_and_no_other() -> None:
    required, optional = env_example()
    text = compose_text()
    used = {match["name"]: match["sign"] for match in VARIABLE.finditer(text)}
    passed_on = {
        "SOJOURN_SMTP_USERNAME", "SOJOURN_SMTP_PASSWORD", "SOJOURN_ENCRYPTION_KEYS",
        "SOJOURN_PUBLIC_URL", "FORWARDED_ALLOW_IPS",
    }  # fmt: skip
    assert set(required) == {name for name, sign in used.items() if sign == "?"}
    assert set(optional) == {name for name, sign in used.items() if sign == "-"} | passed_on
    defaults = {match["name"]: match["rest"] for match in VARIABLE.finditer(text)}
    for name in set(optional) - passed_on:
        assert optional[name] == defaults[name]


def test_every_service_waited_for_is_there_and_can_reach_the_state_waited_for(
    compose: dict[str, Any],
) -> None:
    services = compose["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in services[name], name
            if wait["condition"] == "service_completed_successfully":
                assert services[name]["restart"].startswith("on-failure"), name


def test_the_worker_can_be_scaled(compose: dict[str, Any]) -> None:
    worker = compose["services"]["worker"]
    assert "container_name" not in worker
    assert "ports" not in worker


def test_the_worker_has_longer_to_stop_than_it_takes_to_drain(compose: dict[str, Any]) -> None:
    from runtime.slots import GRACE

    grace = int(compose["services"]["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace >= GRACE.total_seconds() + 10


def test_only_the_api_and_temporals_pages_are_published_and_only_to_this_machine(
    compose: dict[str, Any],
) -> None:
    published = {name: service.get("ports", []) for name, service in compose["services"].items()}
    assert {name for name, ports in published.items() if ports} == {"api", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_every_mounted_file_is_there_and_every_script_is_sound(compose: dict[str, Any]) -> None:
    mounts = [
        mount.split(":")[0]
        for service in compose["services"].values()
        for mount in service.get("volumes", [])
        if mount.startswith("./")
    ]
    assert len(mounts) == 4
    for mount in mounts:
        file = ROOT / mount
        assert file.is_file(), mount
        if file.suffix == ".sh":
            subprocess.run(["sh", "-n", str(file)], check=True)


def test_temporals_images_are_the_versions_that_the_tests_run_against(
    compose: dict[str, Any],
) -> None:
    program = f"{sys.prefix}/bin/temporal"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    images = {name: service.get("image", "") for name, service in compose["services"].items()}
    server, ui = images["temporal"].split(":")[1], images["temporal-ui"].split(":")[1]
    assert f"Server {server}, UI {ui}" in version.stdout
    assert images["temporal-database"] == f"temporalio/admin-tools:{server}"


def test_the_server_knows_every_dynamic_setting() -> None:
    settings = YAML(typ="safe").load((ROOT / "deploy/temporal/dynamicconfig.yaml").read_text())
    assert settings["matching.enableFairness"] == [{"value": True}]
    program = Path(sys.prefix, "bin", "temporal").read_bytes()
    for name in settings:
        assert name.encode() in program, name


def test_each_queue_of_messages_has_one_partition_for_fairness_ends_at_its_edge() -> None:
    settings = YAML(typ="safe").load((ROOT / "deploy/temporal/dynamicconfig.yaml").read_text())
    prefix = Settings.model_fields["task_queue_prefix"].default
    expected = {send_queue(prefix, channel) for channel in get_args(Channel)}
    for side in ("Read", "Write"):
        parts = settings[f"matching.numTaskqueue{side}Partitions"]
        assert {part["constraints"]["taskQueueName"] for part in parts} == expected
        assert {part["value"] for part in parts} == {1}
