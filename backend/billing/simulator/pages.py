"""The hosted pages: paying, saving a card, and the bank's question in between."""

import re
import time
from html import escape
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import parse_qs, urlencode

from backend.billing.simulator import checkouts, methods, payments, setups
from backend.billing.simulator.fates import BY_TOKEN, METHODS, Fate, Method, by_number
from backend.billing.simulator.provider import Fields, Provider
from backend.billing.simulator.refusals import Refusal
from backend.billing.simulator.web import Answer, Request, html, redirect

FRAME: Final = Template(Path(__file__).with_name("frame.html").read_text())
WRONG_NUMBER: Final = "Your card number is not valid."
_EXPIRY: Final = re.compile(r"^\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*$")
_SHOWN: Final = {
    Fate.PAYS: "pays",
    Fate.AUTHENTICATES: "asks its bank every time",
    Fate.AUTHENTICATES_ONCE: "asks its bank once",
    Fate.DECLINED: "declined",
    Fate.DECLINED_LATER: "can be saved, then declined",
    Fate.DISPUTED: "pays, then disputed",
    Fate.WARNED: "pays, then a fraud warning",
    Fate.REFUND_FAILS: "pays, a refund fails",
    Fate.REFUND_PENDS: "pays, a refund takes time",
}


def answer(provider: Provider, request: Request) -> Answer:
    parts = request.path.strip("/").split("/")
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("latin-1")).items()}
    try:
        with provider.book.transaction():
            if parts[:2] == ["c", "pay"] and len(parts) == 3:
                session = _session(provider, parts[2])
                return _paid(provider, session, form) if form else _checkout(provider, session)
            if parts[:2] == ["c", "back"] and len(parts) == 3:
                return _back(provider, provider.get("checkout.session", parts[2]))
            if parts[0] == "authenticate" and len(parts) == 2:
                return _asked(provider, parts[1], form.get("outcome"))
    except Refusal as refusal:
        return _message(refusal.status, "This page has ended", str(refusal))
    return _message(404, "Nothing here", "This is the payment simulator.")


def _page(status: int, title: str, layout: str, body: str) -> Answer:
    return html(status, FRAME.substitute(title=escape(title), layout=layout, body=body))


def _message(status: int, title: str, says: str) -> Answer:
    body = f'<section class="panel"><h1>{escape(title)}</h1><p>{escape(says)}</p></section>'
    return _page(status, title, "one", body)


def money(minor: int, currency: str) -> str:
    return f"{currency.upper()} {minor // 100:,}.{minor % 100:02}"


def _session(provider: Provider, name: str) -> Fields:
    """By the last part of its page's address."""
    session = provider.get("checkout.session", name.rpartition("_")[0])
    checkouts.refused_if_closed(session)
    if not str(session["url"]).endswith(f"/{name}"):
        raise Refusal("No such page.", status=404)
    return session


def _checkout(provider: Provider, session: Fields, error: str = "") -> Answer:
    """After an error the fields of a card are what is asked for."""
    is_setup = session["mode"] == "setup"
    total = "" if is_setup else money(session["amount_total"], session["currency"])
    verb = "Save card" if is_setup else f"Pay {total}"
    told = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    choices = _choices(provider, session, asks_card=bool(error))
    cancel = session["cancel_url"]
    back = f'<p><a href="{escape(cancel)}">Back without paying</a></p>' if cancel else ""
    body = (
        f'<section aria-label="Order">{_order(provider, session)}{back}</section>'
        f'<section class="panel" aria-label="Payment">{told}'
        f'<form method="post" autocomplete="off">{choices}'
        f"{_card_fields()}"
        f'<button type="submit">{escape(verb)}</button></form>{_numbers()}</section>'
    )
    return _page(402 if error else 200, verb, "two", body)


def _order(provider: Provider, session: Fields) -> str:
    if session["mode"] == "setup":
        return '<h1>Save a card</h1><p class="quiet">Nothing is charged now.</p>'
    currency = session["currency"]
    total = money(session["amount_total"], currency)
    rows = "".join(
        f'<tr><th scope="row">{escape(line["name"])}</th>'
        f"<td>{escape(money(line['amount_total'], currency))}</td></tr>"
        for line in provider.book.hidden(session["id"])["lines"]
    )
    foot = f'<tfoot><tr><th scope="row">Total</th><td>{escape(total)}</td></tr></tfoot>'
    heading = f'<h1>To pay</h1><p class="total">{escape(total)}</p>'
    return f"{heading}<table><tbody>{rows}</tbody>{foot}</table>"


def _choice(value: str, label: str, note: str, *, is_first: bool) -> str:
    checked = " checked" if is_first else ""
    small = f"<small>{escape(note)}</small>" if note else ""
    return (
        f'<label class="choice"><input type="radio" name="method" value="{escape(value)}"{checked}>'
        f"<span>{escape(label)}{small}</span></label>"
    )


def saved_cards(provider: Provider, customer: str | None) -> list[Fields]:
    return [
        one
        for one in provider.book.each("payment_method")
        if customer and one["customer"] == customer and one["type"] == "card"
    ]


def _choices(provider: Provider, session: Fields, *, asks_card: bool) -> str:
    saved = [] if session["mode"] == "setup" else saved_cards(provider, session["customer"])
    choices = [
        _choice(
            one["id"],
            f"{one['card']['brand'].title()} ending in {one['card']['last4']}",
            "saved",
            is_first=place == 0 and not asks_card,
        )
        for place, one in enumerate(saved)
    ]
    choices.append(_choice("card", "Card", "the fields below", is_first=asks_card or not saved))
    if session["mode"] == "payment":
        seconds = f"{provider.debit_seconds:g} s"
        choices.append(
            _choice("pm_debit_succeeds", "Bank debit", f"arrives after {seconds}", is_first=False)
        )
        choices.append(
            _choice("pm_debit_fails", "Bank debit", f"bounces after {seconds}", is_first=False)
        )
    return f"<fieldset><legend>Pay with</legend>{''.join(choices)}</fieldset>"


def _card_fields() -> str:
    return (
        "<fieldset><legend>Card</legend>"
        '<label class="field">Card number<input type="text" name="number" inputmode="numeric"'
        ' placeholder="4242 4242 4242 4242" maxlength="40"></label>'
        '<div class="row"><label class="field">Expiry (MM / YY)<input type="text" name="expiry"'
        ' inputmode="numeric" placeholder="12 / 34" maxlength="9"></label>'
        '<label class="field">Security code<input type="text" name="cvc" inputmode="numeric"'
        ' placeholder="123" maxlength="4"></label></div></fieldset>'
    )


def _numbers() -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{_spaced(method.number)}</code></th>'
        f"<td>{escape(_fate(method))}</td></tr>"
        for method in METHODS
        if method.fate in _SHOWN
    )
    return f"<details><summary>Test cards</summary><table>{rows}</table></details>"


def _fate(method: Method) -> str:
    if method.fate is Fate.DECLINED:
        return (method.decline_code or method.code).replace("_", " ")
    return _SHOWN[method.fate]


def _spaced(number: str) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _paid(provider: Provider, session: Fields, form: dict[str, str]) -> Answer:
    """The button was pressed."""
    try:
        stored = _chosen(provider, session, form)
        intent = checkouts.pay(provider, session, stored)
    except Refusal as refusal:
        if refusal.status != 402:
            raise
        return _checkout(provider, provider.get("checkout.session", session["id"]), str(refusal))
    if intent["status"] == "requires_action":
        return redirect(intent["next_action"]["redirect_to_url"]["url"])
    return redirect(_success(session))


def _success(session: Fields) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _chosen(provider: Provider, session: Fields, form: dict[str, str]) -> Fields:
    """Raises Refusal (402) for what the form says wrong."""
    method = "card" if form.get("number") else form.get("method", "card")
    if method in BY_TOKEN and session["mode"] == "payment":
        return methods.find_method(provider, method)
    if method != "card":
        for one in saved_cards(provider, session["customer"]):
            if one["id"] == method:
                return one
        raise Refusal("Choose a way to pay.", status=402)
    kind = by_number(form.get("number", ""))
    if kind is None or kind.brand == "sepa_debit":
        raise Refusal(WRONG_NUMBER, status=402)
    month, year = _expiry(form.get("expiry", "12/34"))
    return methods.make_method(provider, kind, month, year)


def _expiry(typed: str) -> tuple[int, int]:
    found = _EXPIRY.match(typed)
    if not found:
        raise Refusal("Your card's expiration date is incomplete.", status=402)
    month, year = int(found[1]), int(found[2])
    year += 2000 if year < 100 else 0
    today = time.gmtime()
    if not 1 <= month <= 12 or (year, month) < (today.tm_year, today.tm_mon):
        raise Refusal("Your card's expiration date is in the past.", status=402)
    return month, year


def _intent(provider: Provider, object_id: str) -> Fields:
    kind = "setup_intent" if object_id.startswith("seti_") else "payment_intent"
    return provider.get(kind, object_id)


def _asked(provider: Provider, object_id: str, outcome: str | None) -> Answer:
    """The bank's page: is it you?"""
    intent = _intent(provider, object_id)
    if outcome in {"approve", "fail"}:
        act = setups if intent["object"] == "setup_intent" else payments
        intent = act.authenticate(provider, intent, is_approved=outcome == "approve")
    if intent["status"] != "requires_action":
        url = _way_back(provider, intent)
        return redirect(url) if url else _message(200, "Done", "You may close this page.")
    what = (
        f"A payment of {money(intent['amount'], intent['currency'])}"
        if "amount" in intent
        else "Your card is to be saved for later payments"
    )
    body = (
        '<section class="panel"><h1>Your bank asks</h1>'
        f"<p>{escape(what)}. Is it you?</p>"
        '<form method="post">'
        '<button type="submit" name="outcome" value="approve">Approve</button>'
        '<button type="submit" class="second" name="outcome" value="fail">Fail</button>'
        "</form></section>"
    )
    return _page(200, "3-D Secure", "one", body)


def _back(provider: Provider, session: Fields) -> Answer:
    """From the bank to the merchant, or to the page again."""
    intent = _intent(provider, session["setup_intent"] or session["payment_intent"])
    checkouts.finish(provider, session, intent)
    session = provider.get("checkout.session", session["id"])
    if session["status"] == "complete":
        return redirect(_success(session))
    error = intent.get("last_payment_error") or intent.get("last_setup_error") or {}
    return _checkout(provider, session, error.get("message", ""))


def _way_back(provider: Provider, payment: Fields) -> str | None:
    """Where the bank's page sends the payer, as Stripe does."""
    url: str | None = provider.book.hidden(payment["id"]).get("return_url")
    if url is None:
        return None
    outcome = "failed" if payment["status"] == "requires_payment_method" else "succeeded"
    said = urlencode({"payment_intent": payment["id"], "redirect_status": outcome})
    return f"{url}{'&' if '?' in url else '?'}{said}"
