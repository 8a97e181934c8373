from pathlib import Path

import pytest

from backend.settings import Settings, SettingsError, environment, load, require


def test_nothing_set_means_everything_embedded_on_loopback():
    settings = load({})
    assert (settings.database_url, settings.redis_url, settings.host) == ("", "", "127.0.0.1")
    assert settings.url == "http://127.0.0.1:8000"


def test_variables_override():
    settings = load(
        {
            "PORT": "8123",
            "DATABASE_URL": "postgresql://login:x@db/clearsend",
            "BROKER_URL": "amqp://rabbit",
            "CLEARSEND_DATA_DIR": "/srv/clearsend",
            "CLEARSEND_DEMO": "1",
            "HOST": "the-name-csh-gives-the-machine",
        }
    )
    assert settings.port == 8123
    assert settings.database_url == "postgresql://login:x@db/clearsend"
    assert settings.broker_url == "amqp://rabbit"
    assert settings.data_dir == Path("/srv/clearsend")
    assert settings.demo is True
    assert settings.host == "127.0.0.1"


def test_an_empty_variable_is_absent():
    assert load({"PORT": "", "DATABASE_URL": ""}) == load({})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("CLEARSEND_DEMO", "maybe"),
        ("CLEARSEND_WORKER_PROCESSES", "0"),
        ("DATABASE_URL", "mysql://secret@db/x"),
        ("BROKER_URL", "kafka://x"),
    ],
)
def test_an_error_names_the_variable_and_keeps_its_value(variable, value):
    with pytest.raises(SettingsError) as caught:
        load({variable: value})
    assert caught.value.variable == variable
    assert str(caught.value).startswith(f"{variable}: ")
    assert "secret" not in str(caught.value)


def test_a_process_that_cannot_do_without_says_which():
    with pytest.raises(SettingsError, match="REDIS_URL"):
        require(load({"DATABASE_URL": "postgresql://x"}), "database_url", "redis_url")


def test_a_child_reads_what_its_parent_settled():
    settings = Settings(port=9001, demo=True, data_dir=Path("/srv/x"), redis_url="redis://r/0")
    assert load(environment(settings)) == settings
