import { Button, PinInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { fieldErrors, type Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import { useSession } from "@/api/session";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { Callout } from "@/ui/callout";
import { formatClock } from "@/ui/format";
import { Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { useNow } from "@/ui/use_now";
import classes from "./settings.module.css";

type Verification = components["schemas"]["VerificationView"];
type Own = components["schemas"]["NumberView"];

const NUMBER = "/v1/number";
const CODE_DIGITS = 6;
const REFRESH_MS = 2_000;

const isOpen = ({ state }: Verification) => state === "requested" || state === "sent";

/** The company's own number: verified by a code that goes to it. */
export function OwnNumber() {
  const { t } = useTranslation();
  const mayVerify = useSession()?.member_role === "owner";
  const { data, error, refetch } = api.useQuery(
    "get",
    NUMBER,
    {},
    {
      // Until the code is on its way, or is known not to be.
      refetchInterval: ({ state }) =>
        state.data?.verification?.state === "requested" ? REFRESH_MS : false,
    },
  );
  if (data === undefined) {
    if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
    return <PageSkeleton />;
  }
  return (
    <Section title={t("number.title")}>
      <div className={classes.stack}>
        <Standing of={data} />
        {mayVerify ? <Verify of={data} /> : <p>{t("number.owner_only")}</p>}
      </div>
    </Section>
  );
}

function Standing({ of }: { of: Own }) {
  const { t } = useTranslation();
  const { verified_phone: phone } = of;
  if (phone === null || phone === undefined) {
    return <Callout tone="warn">{t("number.none_text")}</Callout>;
  }
  return (
    <Callout tone="ok" title={<span className="mono">{phone}</span>}>
      {t(of.is_trial ? "number.verified_trial" : "number.verified")}
    </Callout>
  );
}

function Verify({ of }: { of: Own }) {
  const newest = of.verification;
  const [asksAnew, setAsksAnew] = useState(false);
  if (newest && isOpen(newest) && !asksAnew) {
    return <EnterCode key={newest.id} of={newest} onAnother={() => setAsksAnew(true)} />;
  }
  return <AskForCode newest={newest ?? null} onAsked={() => setAsksAnew(false)} />;
}

type AskProps = { newest: Verification | null; onAsked: () => void };

function AskForCode({ newest, onAsked }: AskProps) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const form = useForm({
    initialValues: { phone: newest?.state === "verified" ? "" : (newest?.phone ?? "") },
    validate: { phone: (phone) => (phone.trim() === "" ? t("tenants.phone_needed") : null) },
  });
  const asking = useIntent(
    async (phone: string, headers) =>
      present(await client.POST("/v1/number/verifications", { body: { phone }, headers })),
    {
      onSuccess: async () => {
        await refresh(NUMBER);
        onAsked();
      },
    },
  );
  const failure = newest?.state === "not_sent" ? newest.failure : null;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={form.onSubmit(({ phone }) =>
        asking.mutate(phone.trim(), {
          onError: (problem) => form.setErrors(fieldErrors(problem)),
        }),
      )}
    >
      {failure !== null && (
        <Callout tone="bad" live>
          {t(failure === "limited" ? "number.limited" : "number.no_gateway")}
        </Callout>
      )}
      {newest?.state === "spent" && (
        <Callout tone="warn" live>
          {t("number.spent")}
        </Callout>
      )}
      <TextInput
        label={t("tenants.phone")}
        description={t("number.hint")}
        placeholder="+47 912 34 567"
        inputMode="tel"
        autoComplete="tel"
        maxLength={32}
        maw={360}
        {...form.getInputProps("phone")}
      />
      {asking.isError && <AskProblem problem={asking.error} />}
      <div>
        <Button type="submit" loading={asking.isPending}>
          {t("number.send")}
        </Button>
      </div>
    </form>
  );
}

function AskProblem({ problem }: { problem: Problem }) {
  const { t } = useTranslation();
  if (problem.code !== "verification_limited") return <ErrorState error={problem} compact />;
  return (
    <Callout tone="warn" live>
      {t(problem.facts.limit === "pause" ? "number.pause" : "number.limited")}
    </Callout>
  );
}

function EnterCode({ of, onAnother }: { of: Verification; onAnother: () => void }) {
  const { t } = useTranslation();
  const refresh = useRefresh();
  const now = useNow();
  const [code, setCode] = useState("");
  const confirming = useIntent(
    async (given: string, headers) =>
      present(
        await client.POST("/v1/number/verifications/{verification_id}/confirm", {
          params: { path: { verification_id: of.id } },
          body: { code: given },
          headers,
        }),
      ),
    { onSuccess: () => refresh(NUMBER) },
  );
  const leftMs = Date.parse(of.expires_at) - now;
  const isOver = leftMs <= 0;
  const waitsMs = Date.parse(of.again_at) - now;
  const problem = confirming.error;
  function enter(given: string) {
    confirming.mutate(given, {
      onError: ({ code: why }) => {
        setCode("");
        if (why !== "code_wrong") void refresh(NUMBER);
      },
    });
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (code.length === CODE_DIGITS) enter(code);
      }}
    >
      <p style={{ margin: 0 }}>
        {t("number.sent_to")} <strong className="mono">{of.phone}</strong>.{" "}
        {isOver ? t("number.over") : t("number.left", { left: formatClock(leftMs) })}
      </p>
      <PinInput
        length={CODE_DIGITS}
        type="number"
        oneTimeCode
        aria-label={t("number.code")}
        value={code}
        onChange={setCode}
        onComplete={enter}
        disabled={isOver || confirming.isPending}
        error={problem?.code === "code_wrong"}
        getInputProps={(index) => ({ "aria-label": t("number.digit", { n: index + 1 }) })}
      />
      {problem?.code === "code_wrong" && (
        <Callout tone="bad" live>
          {t("number.wrong", { count: Number(problem.facts.tries_left ?? 0) })}
        </Callout>
      )}
      {problem !== null && problem.code !== "code_wrong" && <ErrorState error={problem} compact />}
      <div className={classes.sectionActions} style={{ marginTop: 0 }}>
        <Button
          type="submit"
          loading={confirming.isPending}
          disabled={isOver || code.length !== CODE_DIGITS}
        >
          {t("number.confirm")}
        </Button>
        <Button variant="default" disabled={waitsMs > 0} onClick={onAnother}>
          {waitsMs > 0
            ? t("number.another_in", { left: formatClock(waitsMs) })
            : t("number.another")}
        </Button>
      </div>
    </form>
  );
}
