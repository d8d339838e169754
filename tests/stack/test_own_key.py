"""A data directory has an encryption key of its own, so that accounts and tracking work at once."""

import stat

import pytest
from pydantic import ValidationError

from runtime.own_key import FILE, own_key
from runtime.settings import Settings
from runtime.stack import OURS
from storage.encryption import Encryption, new_key


def test_it_is_made_once_and_kept(tmp_path):
    made = own_key(tmp_path)
    assert Encryption.parse(made).available
    assert own_key(tmp_path) == made


def test_nobody_else_may_read_it(tmp_path):
    own_key(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_starting_afresh_takes_it_away():
    assert FILE in OURS


@pytest.mark.parametrize("wrong", ["secret-of-mine", "c2VjcmV0LW9mLW1pbmU="])
def test_what_is_no_key_is_refused_at_the_start_and_not_repeated(wrong):
    with pytest.raises(ValidationError, match="sojourn keys encryption") as refused:
        Settings(encryption_keys=f"{new_key()},{wrong}")
    assert wrong not in str(refused.value)


def test_several_keys_are_a_rotation():
    two = f"{new_key()}, {new_key()}"
    settings = Settings(encryption_keys=two)
    assert settings.encryption_keys is not None
    assert settings.encryption_keys.get_secret_value() == two
