"""Words that mean something, and what is answered: platform tables."""

from typing import Any

from backend.db.scope import Scope


async def words(scope: Scope) -> list[Any]:
    return await scope.rows(
        "SELECT word, language, kind, changed_by, changed_at FROM reply_words"
        " ORDER BY kind DESC, language, word"
    )


async def put_word(scope: Scope, word: str, language: str, kind: str) -> Any:
    return await scope.one(
        "INSERT INTO reply_words (word, language, kind, changed_by, changed_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (word) DO UPDATE SET"
        " language = excluded.language, kind = excluded.kind, changed_by = excluded.changed_by,"
        " changed_at = excluded.changed_at"
        " RETURNING word, language, kind, changed_by, changed_at",
        word,
        language,
        kind,
        scope.principal.actor,
        scope.now,
    )


async def remove_word(scope: Scope, word: str) -> int:
    return await scope.execute("DELETE FROM reply_words WHERE word = $1", word)


async def texts(scope: Scope) -> list[Any]:
    return await scope.rows(
        "SELECT language, kind, text, changed_by, changed_at FROM reply_texts"
        " ORDER BY language, kind DESC"
    )


async def put_text(scope: Scope, language: str, kind: str, text: str) -> Any:
    return await scope.one(
        "INSERT INTO reply_texts (language, kind, text, changed_by, changed_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (language, kind) DO UPDATE SET"
        " text = excluded.text, changed_by = excluded.changed_by, changed_at = excluded.changed_at"
        " RETURNING language, kind, text, changed_by, changed_at",
        language,
        kind,
        text,
        scope.principal.actor,
        scope.now,
    )
