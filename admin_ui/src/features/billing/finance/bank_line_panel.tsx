import { Button, NumberInput } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { CreditAmount } from "@/ui/credit_amount";
import { Facts, Note } from "@/ui/facts";
import { formatDay } from "@/ui/format";
import { Kbd } from "@/ui/kbd";
import { Section } from "@/ui/page_header";
import { ReasonDialog } from "@/ui/reason_dialog";
import { useShortcuts } from "@/ui/shortcuts";
import { ErrorState } from "@/ui/states";
import { StatusPill } from "@/ui/status_pill";
import { Actor, MoneyAmount, TenantLink } from "./cells";
import { Effect } from "./effect";
import { type BankLine, SINGLE_CLERK_CREDITS_MAX, useTenantNames } from "./finance";
import classes from "./finance.module.css";
import { SeenBefore } from "./seen_before";
import { TenantPicker } from "./tenant_picker";

/** One payment: whose it is, how many credits it buys, and what that does. */
export function BankLinePanel({ line }: { line: BankLine }) {
  const { t, i18n } = useTranslation("finance");
  return (
    <Section title={line.counterparty || t("matching.unnamed")}>
      <div className={classes.panel}>
        <p className={classes.amount}>
          <MoneyAmount minor={line.amount_minor} currency={line.currency} />
        </p>
        <Facts
          facts={[
            {
              label: t("matching.booked"),
              value: formatDay(new Date(line.booked_on), i18n.language),
            },
            { label: t("matching.remittance"), value: line.remittance },
            { label: t("matching.account"), value: <span className="mono">{line.account}</span> },
          ]}
        />
        {line.state === "unmatched" ? <Match line={line} /> : <Decided line={line} />}
      </div>
    </Section>
  );
}

type Target = { id: string; name: string };

function Match({ line }: { line: BankLine }) {
  const { t } = useTranslation("finance");
  const suggestions = line.suggestions ?? [];
  const [best] = suggestions;
  const [target, setTarget] = useState<Target | null>(
    best === undefined ? null : { id: best.tenant_id, name: best.tenant_name },
  );
  const [credits, setCredits] = useState<number | string>(best?.amount_credits ?? "");
  const [confirmed, setConfirmed] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const matching = useMatching(line);
  const amount = Number(credits) || 0;
  const ready = target !== null && amount > 0;
  const { data: balance } = api.useQuery(
    "get",
    "/v1/tenants/{tenant_id}/balance",
    { params: { path: { tenant_id: target?.id ?? "" } } },
    { enabled: target !== null },
  );
  function accept() {
    if (target === null || amount <= 0) {
      input.current?.focus();
      return;
    }
    matching.mutate({ tenant_id: target.id, amount_credits: amount, confirm_duplicate: confirmed });
  }
  useShortcuts([{ keys: "enter", label: t("matching.accept"), run: accept }]);
  const code = matching.error?.code;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        accept();
      }}
    >
      <ul className={classes.guesses} aria-label={t("matching.whose")}>
        {suggestions.map((one) => (
          <li key={one.tenant_id}>
            <button
              type="button"
              className={classes.guess}
              aria-pressed={target?.id === one.tenant_id}
              onClick={() => {
                setTarget({ id: one.tenant_id, name: one.tenant_name });
                if (one.amount_credits !== null) setCredits(one.amount_credits);
              }}
            >
              <strong>{one.tenant_name}</strong>
              <StatusPill tone={one.confidence >= 90 ? "ok" : "info"}>{one.confidence}%</StatusPill>
              <small>{t(`clue.${one.clue}`)}</small>
            </button>
          </li>
        ))}
      </ul>
      <TenantPicker value={target} onChange={setTarget} />
      <NumberInput
        ref={input}
        className={classes.numeric}
        label={t("amount")}
        min={1}
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=" "
        hideControls
        value={credits}
        onChange={setCredits}
      />
      {balance !== undefined && amount > 0 && <Effect balance={balance} added={amount} />}
      {amount > SINGLE_CLERK_CREDITS_MAX && (
        <Note tone="warn" icon={<IconUsers size={17} aria-hidden />}>
          {t("two_people")}
        </Note>
      )}
      {code === "reference_seen" && matching.error !== null && (
        <SeenBefore problem={matching.error} checked={confirmed} onChange={setConfirmed} />
      )}
      {matching.isError && code !== "reference_seen" && (
        <ErrorState error={matching.error} safe={t("nothing_credited")} compact />
      )}
      <div className={classes.actions}>
        <Ignore line={line} />
        <Button
          type="submit"
          rightSection={<Kbd keys="enter" />}
          aria-keyshortcuts="Enter"
          loading={matching.isPending}
          disabled={!ready || (code === "reference_seen" && !confirmed)}
        >
          {amount > SINGLE_CLERK_CREDITS_MAX ? t("ask_second_person") : t("matching.accept")}
        </Button>
      </div>
    </form>
  );
}

type Given = { tenant_id: string; amount_credits: number; confirm_duplicate: boolean };

const CHANGED = ["/v1/bank-lines", "/v1/finance", "/v1/tenants", "/v1/top-ups"] as const;

function useMatching(line: BankLine) {
  const refresh = useRefresh();
  return useIntent(
    async (body: Given, headers) => {
      try {
        return await client.POST("/v1/bank-lines/{line_id}/match", {
          params: { path: { line_id: line.id } },
          body,
          headers,
        });
      } catch (error) {
        // It is matched, and its top-up waits for another person: the lists must show both.
        await refresh(...CHANGED);
        throw error;
      }
    },
    { onSuccess: () => refresh(...CHANGED) },
  );
}

function Ignore({ line }: { line: BankLine }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const ignoring = useIntent(
    (reason: string, headers) =>
      client.POST("/v1/bank-lines/{line_id}/ignore", {
        params: { path: { line_id: line.id } },
        body: { reason },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh(...CHANGED);
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Button variant="default" onClick={() => setAsked(true)}>
        {t("matching.ignore")}
      </Button>
      {asked && (
        <ReasonDialog
          title={t("matching.ignore")}
          text={t("matching.ignore_text")}
          label={t("reason")}
          example={t("matching.ignore_example")}
          confirm={t("matching.ignore")}
          pending={ignoring.isPending}
          error={ignoring.error}
          onClose={() => setAsked(false)}
          onConfirm={(reason) => ignoring.mutate(reason)}
        />
      )}
    </>
  );
}

function Decided({ line }: { line: BankLine }) {
  const { t } = useTranslation("finance");
  const [asked, setAsked] = useState(false);
  const refresh = useRefresh();
  const names = useTenantNames([line]);
  const undoing = useIntent(
    (reason: string, headers) =>
      client.POST("/v1/bank-lines/{line_id}/unmatch", {
        params: { path: { line_id: line.id } },
        body: { reason },
        headers,
      }),
    {
      onSuccess: async () => {
        await refresh(...CHANGED);
        setAsked(false);
      },
    },
  );
  return (
    <>
      <Facts
        facts={[
          ...(line.tenant_id === null
            ? []
            : [
                {
                  label: t("tenant"),
                  value: <TenantLink id={line.tenant_id} names={names} tab="top_ups" />,
                },
                {
                  label: t("amount"),
                  value: <CreditAmount credits={line.amount_credits ?? 0} unit />,
                },
              ]),
          { label: t("reason"), value: line.reason },
          {
            label: t("by"),
            value: line.decided_by === null ? null : <Actor actor={line.decided_by} />,
          },
        ]}
      />
      <div className={classes.actions}>
        <Button variant="default" data-tone="bad" onClick={() => setAsked(true)}>
          {t("matching.undo")}
        </Button>
      </div>
      {asked && (
        <ReasonDialog
          title={t("matching.undo")}
          text={t("matching.undo_text")}
          label={t("reason")}
          confirm={t("matching.undo")}
          danger
          pending={undoing.isPending}
          error={undoing.error}
          onClose={() => setAsked(false)}
          onConfirm={(reason) => undoing.mutate(reason)}
        />
      )}
    </>
  );
}
