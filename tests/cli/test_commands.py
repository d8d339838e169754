"""Every command: its result for machines, and a sentence instead of a traceback when it cannot."""

import json
import os
import socket

import pytest

from runtime.ports import free_port


async def test_help_names_every_command_of_the_contract(sojourn):
    ran = await sojourn("--help")
    assert ran.code == 0
    for command in (
        "dev",
        "demo",
        "api",
        "worker",
        "migrate",
        "workflows",
        "import",
        "keys",
        "doctor",
    ):
        assert f" {command} " in ran.out


@pytest.mark.parametrize("command", ["dev", "demo"])
async def test_dev_and_demo_take_the_flags_of_the_contract(sojourn, command):
    ran = await sojourn(command, "--help")
    for flag in (
        "--port", "--temporal-port", "--temporal-ui-port", "--smtp-port", "--data-dir", "--fresh",
        "--info-file",
    ):  # fmt: skip
        assert flag in ran.out


async def test_keys_are_made_listed_and_revoked(sojourn, workspace_id):
    made = await sojourn(
        "keys", "create", "--kind", "write", "--name", "app", "--workspace", workspace_id, "--json"
    )
    key = made.json
    assert key["workspace"] == str(workspace_id)
    assert key["key"].startswith("sjn_write_")

    listed = await sojourn("keys", "list", "--workspace", workspace_id, "--json")
    assert [one["name"] for one in listed.json] == ["test", "app"]
    assert key["key"] not in listed.out

    assert (await sojourn("keys", "revoke", key["id"], "--workspace", workspace_id)).code == 0
    again = await sojourn("keys", "revoke", key["id"], "--workspace", workspace_id)
    assert again.code == 1
    assert "no valid key" in again.err


async def test_a_made_key_is_all_of_standard_output(sojourn, workspace_id):
    made = await sojourn("keys", "create", "--kind", "secret", "--workspace", workspace_id)
    assert made.out.strip().startswith("sjn_secret_")
    assert len(made.out.split()) == 1


async def test_an_unknown_workspace_is_told(sojourn):
    ran = await sojourn("keys", "list", "--workspace", "00000000-0000-0000-0000-000000000001")
    assert ran.code == 1
    assert "there is no workspace" in ran.err


async def test_migrate_may_be_repeated_and_keeps_valid_keys(sojourn, tmp_path):
    file = tmp_path / "keys.json"
    first = await sojourn("migrate", "--keys-file", file)
    assert first.code == 0, first.err
    keys = json.loads(file.read_text())
    assert file.stat().st_mode & 0o077 == 0
    second = await sojourn("migrate", "--keys-file", file)
    assert second.code == 0
    assert json.loads(file.read_text()) == keys

    file.write_text(json.dumps({**keys, "secret_key": "sjn_secret_lost"}))
    assert (await sojourn("migrate", "--keys-file", file)).code == 0
    renewed = json.loads(file.read_text())
    assert renewed["secret_key"] not in (keys["secret_key"], "sjn_secret_lost")


async def test_migrate_without_temporal_gives_up_after_its_wait(sojourn):
    nobody = f"127.0.0.1:{free_port()}"
    ran = await sojourn("migrate", "--wait", 1, SOJOURN_TEMPORAL_ADDRESS=nobody)
    assert ran.code == 1
    assert f"Temporal does not answer at {nobody}" in ran.err
    only = await sojourn("migrate", "--database-only", SOJOURN_TEMPORAL_ADDRESS=nobody)
    assert only.code == 0


async def test_doctor_finds_what_is_wrong_and_what_is_not(sojourn, database_url):
    await sojourn("migrate")
    ran = await sojourn("doctor", "--json", SOJOURN_SMTP_PORT=str(free_port()))
    assert ran.code == 1
    states = {one["check"]: one["state"] for one in ran.json["checks"]}
    assert states["database"] == states["schema"] == states["Temporal"] == "ok"
    assert states["search attributes"] == "ok"
    assert states["mail server"] == "failed"
    assert ran.json["healthy"] is False


async def test_doctor_without_any_server_skips_what_builds_on_them(sojourn):
    nobody = free_port()
    ran = await sojourn(
        "doctor", "--json",
        SOJOURN_DATABASE_URL=f"postgresql://postgres:hidden@127.0.0.1:{nobody}/x",
        SOJOURN_TEMPORAL_ADDRESS=f"127.0.0.1:{nobody}",
    )  # fmt: skip
    states = {one["check"]: one["state"] for one in ran.json["checks"]}
    assert states["database"] == states["Temporal"] == "failed"
    assert states["schema"] == states["search attributes"] == states["workers"] == "skipped"
    assert "hidden" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "env", "words"),
    [
        (["api"], {"SOJOURN_API_PORT": "many"}, "SOJOURN_API_PORT"),
        (["keys", "list"], {"SOJOURN_DATABASE_URL": "nonsense"}, "SOJOURN_DATABASE_URL"),
        (
            ["keys", "list"],
            {"SOJOURN_DATABASE_URL": "postgresql://127.0.0.1:9/x"},
            "does not answer",
        ),
        (["workflows", "pull", "/tmp/x"], {"SOJOURN_URL": ""}, "--url"),
        (["workflows", "pull", "/tmp/x"], {"SOJOURN_SECRET_KEY": ""}, "secret key is needed"),
        (["workflows", "pull", "/tmp/x"], {"SOJOURN_URL": "localhost:1"}, "must begin with http"),
        (["workflows", "pull", "/tmp/x"], {"SOJOURN_URL": "http://127.0.0.1:9"}, "does not answer"),
        (["workflows", "pull", "/tmp/x"], {"SOJOURN_SECRET_KEY": "wrong"}, "answered 401"),
        (["workflows", "pull", "/dev/null/x"], {}, "/dev/null/x: Not a directory"),
    ],
)
async def test_what_the_user_can_put_right_is_said_in_a_sentence(sojourn, arguments, env, words):
    ran = await sojourn(*arguments, **env)
    assert ran.code in (1, 2)
    assert words in ran.err


async def test_a_taken_port_of_the_api_is_told_with_its_flag(sojourn):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ran = await sojourn("api", "--port", other.getsockname()[1], SOJOURN_DISPATCH_LANES="0")
    assert ran.code == 1
    assert "--port" in ran.err


async def test_a_key_of_a_local_dev_is_not_sent_to_another_server(sojourn, tmp_path):
    info = tmp_path / "info.json"
    info.write_text(json.dumps({"api": "http://127.0.0.1:1", "secret_key": "sjn_secret_local"}))
    env = {"SOJOURN_INFO_FILE": str(info), "SOJOURN_SECRET_KEY": ""}
    ran = await sojourn("workflows", "pull", "/tmp/x", **env)
    assert "a secret key is needed" in ran.err
    assert os.environ.get("SOJOURN_SECRET_KEY") is None
